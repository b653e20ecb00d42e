import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Samba } from "./samba.ts";

const run = promisify(execFile);

/**
 * Lets the service account see what was deleted, and bring it back: the rights that docs/connectors/active-directory.md tells how to
 * give. Past the controller, as nobody may do the first by LDAP but the system itself.
 */
export async function allowRestoring(server: Samba, { reanimate = true } = {}): Promise<void> {
  const database = ["-H", join(server.folder, "domain", "private", "sam.ldb")];
  const sid = await sidOf(server.serviceDn, database);
  const ldif = join(server.folder, "restoring.ldif");
  await writeFile(
    ldif,
    `dn: CN=Deleted Objects,${server.suffix}
changetype: modify
replace: nTSecurityDescriptor
nTSecurityDescriptor: O:SYG:SYD:PAI(A;;RPWPCCDCLCRCWOWDSDSW;;;SY)(A;;RPLC;;;BA)(A;;RPLC;;;${sid})
`,
  );
  await run("ldbmodify", [...database, "--show-deleted", ldif]);
  if (!reanimate) return;
  // The extended right Reanimate-Tombstones (MS-ADTS §5.1.3.2.1), at the domain itself.
  const right = `(OA;;CR;45ec5156-db7e-47bb-b53f-dbeb2d03c40f;;${sid})`;
  await run("samba-tool", ["dsacl", "set", ...database, `--objectdn=${server.suffix}`, `--sddl=${right}`]);
}

async function sidOf(dn: string, database: readonly string[]): Promise<string> {
  const { stdout } = await run("ldbsearch", [...database, "-s", "base", "-b", dn, "objectSid"]);
  return /^objectSid: (S-\S+)$/m.exec(stdout)![1]!;
}
