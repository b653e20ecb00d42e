import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Samba } from "./samba.ts";
import { databaseOf, editDatabase } from "./samba-database.ts";

const run = promisify(execFile);

/**
 * Lets the service account see what was deleted, and bring it back: the rights that docs/connectors/active-directory.md tells how to
 * give. Past the controller, as nobody may do the first by LDAP but the system itself.
 */
export async function allowRestoring(server: Samba, { reanimate = true } = {}): Promise<void> {
  const sid = await sidOf(server, server.serviceDn);
  await editDatabase(
    server,
    `dn: CN=Deleted Objects,${server.suffix}
changetype: modify
replace: nTSecurityDescriptor
nTSecurityDescriptor: O:SYG:SYD:PAI(A;;RPWPCCDCLCRCWOWDSDSW;;;SY)(A;;RPLC;;;BA)(A;;RPLC;;;${sid})
`,
    "--show-deleted",
  );
  if (!reanimate) return;
  // The extended right Reanimate-Tombstones (MS-ADTS §5.1.3.2.1), at the domain itself.
  await addRule(server, server.suffix, `(OA;;CR;45ec5156-db7e-47bb-b53f-dbeb2d03c40f;;${sid})`);
}

/** Hides who is disabled from the service account. */
export async function hideAccountControl(server: Samba, dn: string): Promise<void> {
  const sid = await sidOf(server, server.serviceDn);
  await addRule(server, dn, `(OD;;RP;bf967a68-0de6-11d0-a285-00aa003049e2;;${sid})`);
}

async function addRule(server: Samba, dn: string, rule: string): Promise<void> {
  await run("samba-tool", ["dsacl", "set", ...databaseOf(server), `--objectdn=${dn}`, `--sddl=${rule}`]);
}

async function sidOf(server: Samba, dn: string): Promise<string> {
  const { stdout } = await run("ldbsearch", [...databaseOf(server), "-s", "base", "-b", dn, "objectSid"]);
  return /^objectSid: (S-\S+)$/m.exec(stdout)![1]!;
}
