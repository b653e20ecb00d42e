import { UsageError } from "./command.ts";

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9464`, `[::1]:0`; `:9464` is the loopback address. `flag` is named where it cannot be read. */
export function addressOf(text: string, flag: string): Address {
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`--${flag} must be HOST:PORT, as in 127.0.0.1:9464, not "${text}"`);
  return { host: host.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1", port: Number(port) };
}
