import { hash, randomInt } from "node:crypto";
import { StoreError } from "../../errors.ts";

const rounds = 5_000;
const letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * What MySQL's `caching_sha2_password` keeps: the SHA-crypt of the password (Drepper, "Unix crypt using SHA-256"), whose salt has 20
 * letters there. Made here, so that the password itself is in no statement.
 */
export function cachingSha2(password: string, salt = randomLetters(20)): string {
  if (password === "" || password.includes("\0") || !password.isWellFormed())
    throw new StoreError("Invalid", "the password is empty, or has a character that no program can send");
  const digest = shaCrypt(Buffer.from(password), Buffer.from(salt));
  return `$A$${(rounds / 1_000).toString(16).padStart(3, "0")}$${salt}${base64(digest)}`;
}

/** A password that nobody knows. */
export function randomLetters(count: number): string {
  return Array.from({ length: count }, () => letters[randomInt(letters.length)]).join("");
}

function shaCrypt(password: Buffer, salt: Buffer): Buffer {
  const inner = sha256(password, salt, password);
  const bits = password.length.toString(2).split("").toReversed();
  let digest = sha256(
    password,
    salt,
    repeated(inner, password.length),
    ...bits.map((bit) => (bit === "1" ? inner : password)),
  );
  const p = repeated(sha256(...Array.from(password, () => password)), password.length);
  const s = repeated(sha256(...Array.from({ length: 16 + digest[0]! }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    digest = sha256(
      odd ? p : digest,
      ...(round % 3 === 0 ? [] : [s]),
      ...(round % 7 === 0 ? [] : [p]),
      odd ? digest : p,
    );
  }
  return digest;
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return hash("sha256", Buffer.concat(parts), "buffer");
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** Three bytes at a time, in the order of the specification: 0, 10, 20; 21, 1, 11; 12, 22, 2; … and the two that are left. */
function base64(digest: Buffer): string {
  const byte = (at: number) => digest[at % 30]!;
  const starts = Array.from({ length: 10 }, (_, index) => index * 21);
  const text = starts.map((at) => encoded([byte(at), byte(at + 10), byte(at + 20)], 4));
  return [...text, encoded([0, digest[31]!, digest[30]!], 3)].join("");
}

/** Six bits a letter, from the lowest on. */
function encoded([high = 0, middle = 0, low = 0]: readonly number[], count: number): string {
  let value = (high << 16) | (middle << 8) | low;
  let text = "";
  for (let letter = 0; letter < count; letter++, value >>= 6) text += letters[value & 63];
  return text;
}
