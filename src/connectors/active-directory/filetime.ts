import { startOf } from "../../core/model/moment.ts";
import type { Codec } from "../ldap/subschema.ts";

/** A time in a LargeInteger. 0 is no time: never in accountExpires, not locked in lockoutTime. */
export const filetime: Codec = {
  decode: (value) => decodeFiletime(value.toString("latin1")),
  encode: encodeFiletime,
  none: "0",
  is: "it is a time; give it as 2026-03-31T17:00:00Z",
};

/** Hundreds of nanoseconds from 1601, where Windows' times begin, to 1970 (MS-DTYP §2.3.3). */
const epoch = 116_444_736_000_000_000n;
const perMillisecond = 10_000n;
const never = 0x7fff_ffff_ffff_ffffn;

/** RFC 3339, as exact as the value is; undefined for the two values that stand for no time at all, and for what is none. */
export function decodeFiletime(text: string): string | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const ticks = BigInt(text);
  if (ticks === 0n || ticks >= never) return undefined;
  const since = ticks - epoch;
  const second = since / 10_000_000n - (since % 10_000_000n < 0n ? 1n : 0n);
  const moment = new Date(Number(second) * 1000);
  if (Number.isNaN(moment.getTime()) || moment.getUTCFullYear() > 9999) return undefined;
  const digits = String(since - second * 10_000_000n)
    .padStart(7, "0")
    .replace(/0+$/, "");
  return `${moment.toISOString().slice(0, 19)}${digits === "" ? "" : `.${digits}`}Z`;
}

/** The reverse; undefined for what is no time. */
export function encodeFiletime(text: string): string | undefined {
  const start = startOf(text);
  if (start === undefined) return undefined;
  const whole = BigInt(Math.floor(start / 1000)) * 1000n * perMillisecond + epoch;
  const digits = /\.(\d+)/.exec(text)?.[1]?.slice(0, 7).padEnd(7, "0") ?? "0";
  const ticks = whole + BigInt(digits);
  return ticks > 0n && ticks < never ? String(ticks) : undefined;
}
