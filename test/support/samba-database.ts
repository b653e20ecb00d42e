import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Samba } from "./samba.ts";

const run = promisify(execFile);

/** The arguments by which Samba's own tools open a controller's database, past the controller and as the system itself. */
export function databaseOf(server: Samba): string[] {
  return ["-H", join(server.folder, "domain", "private", "sam.ldb")];
}

/** Makes a change that nobody may make by LDAP. `ldif` is one change record (RFC 2849), `flags` are of ldbmodify(1). */
export async function editDatabase(server: Samba, ldif: string, ...flags: readonly string[]): Promise<void> {
  await edit(server, ldif, [...databaseOf(server), ...flags]);
}

/** Makes a change below all of Samba's rules: values are kept as they are given. */
export async function editPartition(server: Samba, ldif: string): Promise<void> {
  const partition = `${server.suffix.toUpperCase()}.ldb`;
  const file = join(server.folder, "domain", "private", "sam.ldb.d", partition);
  await edit(server, ldif, ["--nosync", "-H", file]);
}

async function edit(server: Samba, ldif: string, words: readonly string[]): Promise<void> {
  const file = join(server.folder, `${randomUUID()}.ldif`);
  await writeFile(file, ldif);
  const { stdout, stderr } = await run("ldbmodify", [...words, file]);
  // It does not fail when it fails.
  if (!stdout.includes("Modified 1 records")) throw new Error(`cannot edit the database: ${stdout}${stderr}`);
}
