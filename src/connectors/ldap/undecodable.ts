import { isUtf8 } from "node:buffer";

/**
 * Directories hold text that is no UTF-8: loaded by LDAPv2 clients, or past the syntax check. Each byte that is part of no character
 * becomes a lone surrogate, U+DC80 to U+DCFF, as Python's PEP 383 has it: no byte is lost or taken for another, the value can be
 * named when it is to be deleted, and `isWellFormed()` tells it from any text.
 */
export function decodeText(value: Buffer): string {
  const text = value.toString();
  return text.includes("\ufffd") && !isUtf8(value) ? byByte(value) : text;
}

/** The bytes of a value that `decodeText` gave; plain text stays text. */
export function encodeText(text: string): string | Buffer {
  if (text.isWellFormed()) return text;
  return Buffer.concat(
    Array.from(text, (character) => {
      const code = character.charCodeAt(0);
      const isByte = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
      return isByte ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
    }),
  );
}

function byByte(value: Buffer): string {
  let text = "";
  for (let at = 0; at < value.length; ) {
    const size = [1, 2, 3, 4].find(
      (count) => isUtf8(value.subarray(at, at + count)) && at + count <= value.length,
    );
    text +=
      size === undefined ? String.fromCharCode(0xdc00 + value[at]!) : value.toString("utf8", at, at + size);
    at += size ?? 1;
  }
  return text;
}
