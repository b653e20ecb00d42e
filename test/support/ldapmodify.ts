import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { environment } from "./environment.ts";
import type { LdapLogin } from "./ldapsearch.ts";

/** Gives LDIF to the directory's own tool. Throws what it says where it refuses any of it. */
export async function ldapmodify({ url, dn, password, caFile }: LdapLogin, ldif: string): Promise<void> {
  const env = { ...environment(), ...(caFile && { LDAPTLS_CACERT: caFile }) };
  const words = ["-x", "-H", url, "-D", dn, "-w", password];
  const tool = spawn("ldapmodify", words, { env, stdio: ["pipe", "ignore", "pipe"] });
  tool.stdin.end(ldif);
  const [errors, [code]] = await Promise.all([text(tool.stderr), once(tool, "close")]);
  if (code !== 0) throw new Error(`ldapmodify ended with ${code}: ${errors}`);
}
