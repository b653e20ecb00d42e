import { createHash } from "node:crypto";
import { StoreError } from "../../errors.ts";

/** What MariaDB's `mysql_native_password` keeps: the SHA-1 of the SHA-1. Made here, so that the password itself is in no statement. */
export function nativePassword(password: string): string {
  if (password === "" || password.includes("\0") || !password.isWellFormed())
    throw new StoreError("Invalid", "the password is empty, or has a character that no program can send");
  const sha1 = (data: string | Buffer) => createHash("sha1").update(data).digest();
  return `*${sha1(sha1(password)).toString("hex").toUpperCase()}`;
}
