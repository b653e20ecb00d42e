import { FormatError } from "../row.ts";
import type { LdifValue } from "./record.ts";

/** A line put together again: `attribute: value`, or the `-` that ends a modification. */
export interface Line {
  /** `-` where it is one. */
  readonly description: string;
  readonly value: LdifValue;
  /** The number of its first part. */
  readonly number: number;
}

/** An attribute's name or OID with its options; `_` is in no standard, but in many directories. */
const descriptionPattern = /^(?:[A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:\.[0-9]+)*)(?:;[A-Za-z0-9-]+)*$/;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes a line apart, folds undone. Throws `FormatError`. */
export function readLine(text: string, number: number): Line {
  if (text === "-") return { description: "-", value: "", number };
  const colon = text.indexOf(":");
  if (colon < 0) throw fault(number, "it has no colon; write attribute: value, or begin a comment with #");
  const description = text.slice(0, colon);
  if (!isDescription(description)) throw fault(number, descriptionFault(description));
  return { description, value: valueAt(text, colon, number), number };
}

/** The value that a colon begins. Throws `FormatError`. */
export function valueAt(text: string, colon: number, number: number): LdifValue {
  const mark = text.charCodeAt(colon + 1);
  if (mark === 0x3a) return decode(text.slice(colon + 2), number);
  if (mark === 0x3c)
    throw fault(number, "it takes its value from a URL, which is never followed; write the value itself");
  let start = colon + 1;
  while (text.charCodeAt(start) === 0x20) start++;
  return text.slice(start);
}

export function isDescription(text: string): boolean {
  return descriptionPattern.test(text);
}

/** Names that differ in case alone are one. */
export function sameDescription(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase());
}

export function fault(number: number, cause: string): FormatError {
  return new FormatError(`line ${number}: ${cause}`);
}

function descriptionFault(description: string): string {
  return description.includes(";range=")
    ? "it holds only a range of the attribute's values; export all of them"
    : "what stands before its colon is no attribute; write attribute: value";
}

function decode(text: string, number: number): LdifValue {
  const digits = text.trim();
  if (!base64Pattern.test(digits)) throw fault(number, "its value is not whole base64; restore it");
  const bytes = Buffer.from(digits, "base64");
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}
