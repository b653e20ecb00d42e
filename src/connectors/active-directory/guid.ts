/** The text of an objectGUID as Windows and its tools write it; its first three parts are little-endian on the wire (MS-DTYP §2.3.4). */
export function decodeGuid(value: Buffer): string {
  const hex = (...at: number[]) =>
    at.map((byte) => (value[byte] ?? 0).toString(16).padStart(2, "0")).join("");
  const parts = [hex(3, 2, 1, 0), hex(5, 4), hex(7, 6), hex(8, 9), hex(10, 11, 12, 13, 14, 15)];
  return parts.join("-");
}

/** The reverse; undefined for a text that is no GUID. */
export function encodeGuid(text: string): Buffer | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
