import { join } from "node:path";
import { makeFolder } from "../test/support/folder.ts";
import { type OpenLdap, startOpenLdap } from "../test/support/openldap.ts";
import { people, writeCompany } from "./company.ts";
import { directoryPolicies, timeLdapAdd, timeLdapSearch, touchOutside } from "./directory.ts";
import type { Figure } from "./figure.ts";
import { openSession, type Session } from "./session.ts";
import { median } from "./spread.ts";

/** Loads a directory, each change by itself and in transactions (RFC 5805), and looks at it again when there is nothing to do. */
export async function ldap(size: number, fsync: boolean): Promise<Figure[]> {
  const everyone = people(size);
  const tool = { name: "ldapadd", value: await timeLdapAdd(everyone, fsync) };
  const figures: Figure[] = [];
  for (const transactions of ["Auto", "Never"] as const) {
    await using server = await startOpenLdap({ fsync });
    await using folder = await makeFolder("bench");
    await writeCompany(join(folder.path, "manifests"), directoryPolicies(server, transactions), everyone);
    const session = await openSession(folder.path, { LDAP_PASSWORD: server.servicePassword });
    const { parsing, remembering } = await session.load();
    const { seconds, done } = await session.run();
    if (done !== size) throw new Error(`made ${done} of ${size} accounts`);
    figures.push({
      what: `Load ${size} identities into OpenLDAP, ${fsync ? "fsync" : "dbnosync"}, transactions: ${transactions}`,
      value: seconds,
      unit: "s",
      tool,
      goal: fsync ? 0.5 : 1.1,
      note: `parsing ${parsing.toFixed(1)} s, remembering manifests ${remembering.toFixed(1)} s`,
    });
    if (!fsync && transactions === "Never") figures.push(...(await idlePasses(session, server, size)));
    await session.close();
  }
  return figures;
}

async function idlePasses(session: Session, server: OpenLdap, size: number): Promise<Figure[]> {
  const what = `Pass with nothing to do over ${size} accounts in OpenLDAP`;
  await session.run(); // The first one after a load: what was written moved the marker.
  const writes = session.counts.stateWrites + session.counts.changes;
  const scans: number[] = [];
  const searches: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    searches.push(await timeLdapSearch(server));
    await touchOutside(server, `touched ${turn}`);
    scans.push((await session.run()).seconds);
  }
  const { seconds } = await session.run();
  const written = session.counts.stateWrites + session.counts.changes - writes;
  const tool = { name: "ldapsearch", value: median(searches) };
  return [
    { what: `${what}, scanned`, value: median(scans), unit: "s", tool, goal: 1.3, note: "median of 5" },
    { what: `${what}, contextCSN unchanged`, value: seconds, unit: "s", tool, goal: 1.3 },
    { what: "Writes of these passes, to store and state", value: written, unit: "", goal: 0 },
  ];
}
