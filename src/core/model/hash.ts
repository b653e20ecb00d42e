import { createHmac, hash } from "node:crypto";

/** JSON with sorted keys, so that equal objects have equal texts. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

/** The first `bytes` of it. A text of its own: a piece of the whole would keep that in memory. */
export function shortSha256(text: string, bytes: number): string {
  return hash("sha256", text, "buffer").toString("hex", 0, bytes);
}

/** A digest of a sensitive value: keyed, so that it cannot be guessed back from a plan or a journal (law 9). */
export function keyedDigest(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}
