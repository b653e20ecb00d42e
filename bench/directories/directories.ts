import { type Person, people } from "../company.ts";
import type { Figure } from "../figure.ts";
import { openSession } from "../session.ts";
import { median } from "../spread.ts";
import { hugeGroupFigures } from "./huge-group.ts";
import { environmentOf, type Loaded, load } from "./load.ts";
import { requestFigures } from "./requests.ts";
import { type Group, groupsOf, type SubjectKind } from "./subject.ts";
import { timeLdapAdd, timeLdapSearch, touchOutside } from "./tools.ts";

/** Users and their groups put into a directory over TLS, and looked at again when there is nothing to do; and a group of `huge` members. */
export async function directory(kind: SubjectKind, size: number, huge: number): Promise<Figure[]> {
  const figures = await measured(kind, size);
  await using subject = await kind.startHuge(huge);
  return [...figures, ...(await hugeGroupFigures(subject, huge))];
}

const passes = 9;

async function measured({ start, loads }: SubjectKind, size: number): Promise<Figure[]> {
  const everyone = people(size);
  const groups = groupsOf(everyone);
  const tool: number[] = [];
  const own: number[] = [];
  for (let turn = 1; ; turn++) {
    tool.push(await timedLoadByTool(start, everyone, groups));
    await using loaded = await load(start, everyone, groups);
    own.push(loaded.seconds);
    if (turn < loads) continue;
    const memberships = groups.reduce((sum, { members }) => sum + members.length, 0);
    const { name } = loaded.subject;
    return [
      {
        what: `Load ${size} users and ${memberships} memberships of ${groups.length} groups into ${name}`,
        value: Math.min(...own),
        unit: "s",
        tool: { name: "ldapadd", value: Math.min(...tool) },
        goal: 1.5,
        note: `${loads > 1 ? `the better of ${loads} each; ` : ""}over TLS, ldapadd by one session and a request at a time, Rollcall by up to 3 and 16`,
      },
      ...(await idlePasses(loaded, size)),
      ...(await requestFigures(loaded, everyone, groups)),
    ];
  }
}

async function timedLoadByTool(
  start: SubjectKind["start"],
  everyone: readonly Person[],
  groups: readonly Group[],
): Promise<number> {
  await using subject = await start();
  return await timeLdapAdd(subject, everyone, groups);
}

async function idlePasses({ folder, subject }: Loaded, size: number): Promise<Figure[]> {
  const what = `Pass with nothing to do over ${size} users and their groups in ${subject.name}`;
  await using session = await openSession(folder, environmentOf(subject));
  await session.load();
  await session.run();
  const scans: number[] = [];
  const searches: number[] = [];
  for (let turn = 0; turn < passes; turn++) {
    searches.push(await timeLdapSearch(subject));
    await touchOutside(subject, `touched ${turn}`);
    scans.push((await session.run()).seconds);
  }
  const { seconds } = await session.run();
  const tool = { name: "ldapsearch", value: median(searches) };
  return [
    {
      what: `${what}, scanned`,
      value: median(scans),
      unit: "s",
      tool,
      goal: 1.5,
      note: `median of ${passes}`,
    },
    { what: `${what}, marker unchanged`, value: seconds, unit: "s", tool, goal: 1.5 },
  ];
}
