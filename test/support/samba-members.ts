import { randomBytes } from "node:crypto";
import { decodeGuid } from "../../src/connectors/active-directory/guid.ts";
import type { Samba } from "./samba.ts";
import { editPartition } from "./samba-database.ts";

/**
 * Gives a group so many members within a second, past the controller and into its database: links to objects that are not there, as
 * are left when a controller was restored. To the controller they are members like any others.
 */
export async function fillGroup(server: Samba, group: string, count: number): Promise<void> {
  // In the order in which Samba keeps them, to find one by its id.
  const ids = Array.from({ length: count }, () => randomBytes(16)).sort(Buffer.compare);
  const members = ids.map((id, n) => `member: ${link(id)}CN=member${n},OU=Gone,${server.suffix}`);
  await editPartition(server, `dn: ${group}\nchangetype: modify\nreplace: member\n${members.join("\n")}\n`);
}

/** What Samba keeps of a link beside its name: when and where it was made, for replication. */
function link(id: Buffer): string {
  const time = "133485408000000000";
  const made = `<RMD_ADDTIME=${time}>;<RMD_CHANGETIME=${time}>;<RMD_FLAGS=0>;<RMD_INVOCID=${decodeGuid(Buffer.alloc(16, 1))}>`;
  return `<GUID=${decodeGuid(id)}>;${made};<RMD_LOCAL_USN=1>;<RMD_ORIGINATING_USN=1>;<RMD_VERSION=1>;`;
}
