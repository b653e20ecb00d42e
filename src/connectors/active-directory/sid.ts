/** A security identifier in its usual text, `S-1-5-21-…-1104` (MS-DTYP §2.4.2). */
export function decodeSid(value: Buffer): string {
  const parts = Array.from({ length: value[1] ?? 0 }, (_, n) => value.readUInt32LE(8 + 4 * n));
  return ["S", value[0], value.readUIntBE(2, 6), ...parts].join("-");
}

/** The domain that a SID is of: the SID without its last part. */
export function domainOf(sid: string): string {
  return sid.slice(0, sid.lastIndexOf("-"));
}
