import { SqlError } from "./errors.ts";

/** A database's URL; `form` is told when it is none. Never says what the text was: it holds the password. */
export function parseUrl(text: string, scheme: RegExp, form: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url && scheme.test(url.protocol)) return url;
  throw new SqlError("Unauthenticated", "Connection", `the url is not of the form ${form}`);
}

/** What the URL says of the host, which may be an IPv6 address. */
export function hostOf(url: URL): string {
  return decodeURIComponent(url.hostname.replace(/^\[|\]$/g, ""));
}

/** A loopback address or a Unix socket: nobody listens in between. */
export function isLocal(host: string): boolean {
  return (
    host === "" || host.startsWith("/") || host === "localhost" || host === "::1" || /^127[.]/.test(host)
  );
}
