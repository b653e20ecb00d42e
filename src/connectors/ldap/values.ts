import { startOf } from "../../core/model/moment.ts";
import { StoreError } from "../errors.ts";
import type { LdapAttribute } from "./subschema.ts";
import { decodeText, encodeText } from "./undecodable.ts";

/** A value of the model from one on the wire: base64 for binary, "true" and "false", RFC 3339 UTC for times (RFC 4517 §3.3). */
export function decodeValue(attribute: Pick<LdapAttribute, "form">, value: Buffer): string {
  switch (attribute.form) {
    case "binary":
      return value.toString("base64");
    case "boolean":
      return value.toString().toLowerCase();
    case "time":
      return decodeTime(value.toString());
    case "text":
      return decodeText(value);
  }
}

/** The reverse of `decodeValue`. Throws `Invalid` for what no server can keep. */
export function encodeValue(
  attribute: Pick<LdapAttribute, "form" | "name" | "codec">,
  value: string,
): string | Buffer {
  const { codec } = attribute;
  if (codec !== undefined) {
    const encoded = codec.encode(value);
    if (encoded === undefined) throw invalid(attribute.name, codec.is);
    return encoded;
  }
  switch (attribute.form) {
    case "binary":
      return decodeBase64(attribute.name, value);
    case "boolean":
      return value.toUpperCase();
    case "time":
      return encodeTime(attribute.name, value);
    case "text":
      if (value.includes("\0")) throw invalid(attribute.name, "it has a NUL character; remove it");
      return encodeText(value);
  }
}

function decodeBase64(name: string, value: string): Buffer {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
    throw invalid(name, "it is binary; give it in base64");
  return Buffer.from(value, "base64");
}

/** Generalized Time; minutes, seconds and fractions may be missing, the zone may be an offset. What is none is passed on as it is. */
function decodeTime(text: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d+))?(Z|[+-]\d\d(?:\d\d)?)$/.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour, minute = "00", second = "00", fraction = "", zone = "Z"] = match;
  const offset = zone === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3) || "00"}`;
  const whole = startOf(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (whole === undefined) return text;
  const digits = fraction.replace(/0+$/, "");
  return `${new Date(whole).toISOString().slice(0, 19)}${digits === "" ? "" : `.${digits}`}Z`;
}

function encodeTime(name: string, value: string): string {
  const start = startOf(value);
  if (start === undefined) throw invalid(name, "it is a time; give it as 2026-03-31T17:00:00Z");
  const digits = /\.(\d+)/.exec(value)?.[1] ?? "";
  const fraction = digits === "" ? "" : `.${digits}`;
  return `${new Date(start).toISOString().slice(0, 19).replace(/[-:T]/g, "")}${fraction}Z`;
}

function invalid(name: string, cure: string): StoreError {
  return new StoreError("Invalid", `cannot write a value of ${name}: ${cure}`);
}
