import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../test/support/folder.ts";
import { people, writeCompany } from "../company.ts";
import type { Figure } from "../figure.ts";
import { openSession, type Session } from "../session.ts";
import { median } from "../spread.ts";
import { hugeGroupFigures } from "./huge-group.ts";
import { requestFigures } from "./requests.ts";
import { groupPolicies, groupsOf, type Subject, type SubjectKind } from "./subject.ts";
import { timeLdapAdd, timeLdapSearch, touchOutside } from "./tools.ts";

/** Users and their groups put into a directory over TLS, and looked at again when there is nothing to do; and a group of `huge` members. */
export async function directory(
  { start, startHuge }: SubjectKind,
  size: number,
  huge: number,
): Promise<Figure[]> {
  const figures = await measured(start, size);
  await using subject = await startHuge(huge);
  return [...figures, ...(await hugeGroupFigures(subject, huge))];
}

async function measured(start: () => Promise<Subject>, size: number): Promise<Figure[]> {
  const everyone = people(size);
  const groups = groupsOf(everyone);
  const tool = await (async () => {
    await using subject = await start();
    return await timeLdapAdd(subject, everyone, groups);
  })();
  await using subject = await start();
  await using folder = await makeFolder("bench");
  await copyFile(subject.ca.path, join(folder.path, "ca.crt"));
  const policies = (url: string) => [...subject.policies(url), ...groupPolicies(groups, subject)];
  await writeCompany(join(folder.path, "manifests"), policies(subject.ldapsUrl), everyone);
  const environment = { LDAP_PASSWORD: subject.login.password };
  const session = await openSession(folder.path, environment);
  await session.load();
  const { seconds, done } = await session.run();
  const memberships = groups.reduce((sum, { members }) => sum + members.length, 0);
  if (done !== size + memberships + groups.length) throw new Error(`did ${done} items only`);
  const figures: Figure[] = [
    {
      what: `Load ${size} users and ${memberships} memberships of ${groups.length} groups into ${subject.name}`,
      value: seconds,
      unit: "s",
      tool: { name: "ldapadd", value: tool },
      goal: 1.5,
    },
    ...(await idlePasses(session, subject, size)),
  ];
  await session.close();
  figures.push(...(await requestFigures(folder.path, subject, everyone, groups)));
  return figures;
}

async function idlePasses(session: Session, subject: Subject, size: number): Promise<Figure[]> {
  const what = `Pass with nothing to do over ${size} users and their groups in ${subject.name}`;
  await session.run();
  const scans: number[] = [];
  const searches: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    searches.push(await timeLdapSearch(subject));
    await touchOutside(subject, `touched ${turn}`);
    scans.push((await session.run()).seconds);
  }
  const { seconds } = await session.run();
  const tool = { name: "ldapsearch", value: median(searches) };
  return [
    { what: `${what}, scanned`, value: median(scans), unit: "s", tool, goal: 1.5, note: "median of 5" },
    { what: `${what}, marker unchanged`, value: seconds, unit: "s", tool, goal: 1.5 },
  ];
}
