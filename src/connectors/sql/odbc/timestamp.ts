import { type Codec, timestampCodec } from "../codec.ts";

/** ODBC's own form of an instant, in UTC: `2026-03-31 17:00:00.5` (ODBC Programmer's Reference, appendix C, "timestamp literal"). */
export const odbcTimestampCodec: Codec = {
  ...timestampCodec,
  encode: (value) => inUtc(timestampCodec.encode(value)).replace(/T/i, " ").replace(/Z$/i, ""),
};

function inUtc(text: string): string {
  const offset = /[+-][0-9]{2}(:?[0-9]{2})?$/.exec(text.slice(10))?.[0];
  if (offset === undefined) return text;
  const minutes = offset.length === 3 ? `${offset}:00` : offset.replace(/^(.{3})(?=[0-9])/, "$1:");
  const instant = text.slice(0, -offset.length).replace(" ", "T");
  const fraction = /[.][0-9]+$/.exec(instant)?.[0] ?? "";
  const whole = instant.slice(0, instant.length - fraction.length);
  return new Date(`${whole}${minutes}`).toISOString().replace(/[.]000Z$/, fraction);
}
