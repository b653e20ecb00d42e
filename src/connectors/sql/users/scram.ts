import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { StoreError } from "../../errors.ts";

const iterations = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5802 §3, RFC 7677), as `pg_authid.rolpassword` has it. Made here, so that the password
 * itself is in no statement: the server logs those. `salt` is 16 random bytes.
 */
export async function scramVerifier(password: string, salt = randomBytes(16)): Promise<string> {
  const salted = await promisify(pbkdf2)(prepared(password), salt, iterations, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const serverKey = hmac("Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

/**
 * SASLprep (RFC 4013) rewrites some characters, and programs that do not do it would send others: such a password is refused.
 * What it only prohibits, PostgreSQL takes as it is.
 */
function prepared(password: string): string {
  if (
    password === "" ||
    !password.isWellFormed() ||
    rewritten.test(password) ||
    password.normalize("NFKC") !== password
  )
    throw new StoreError(
      "Invalid",
      "the password is empty or has characters that programs write in several ways (RFC 4013): choose others",
    );
  return password;
}

/** Spaces but the plain one, and what SASLprep leaves out: joiners, soft hyphens, variation selectors; a NUL no program can send. */
const rewritten = /\0|\u034f|\u1806|[\ufe00-\ufe0f]|(?! )\p{Zs}|\p{Cf}/u;
