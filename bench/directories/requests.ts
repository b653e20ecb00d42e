import { join } from "node:path";
import { type Person, people, writeCompany } from "../company.ts";
import type { Figure } from "../figure.ts";
import { openSession, type Session } from "../session.ts";
import { environmentOf, type Loaded } from "./load.ts";
import { type Meter, type Requests, startMeter } from "./meter.ts";
import { type Group, groupPolicies } from "./subject.ts";
import { touchOutside } from "./tools.ts";

/** What goes over the wire, counted between Rollcall and the directory that was loaded from this folder before. */
export async function requestFigures(
  { folder, subject }: Loaded,
  everyone: readonly Person[],
  groups: readonly Group[],
): Promise<Figure[]> {
  await using meter = await startMeter(subject);
  const policies = [...subject.policies(meter.url), ...groupPolicies(groups, subject)];
  const write = (all: readonly Person[]) => writeCompany(join(folder, "manifests"), policies, all);
  await write(everyone);
  await using session = await openSession(folder, environmentOf(subject));
  await session.load();
  await session.run();

  const idle = await counted(meter, async () => {
    await touchOutside(subject, "counted");
    await session.run();
  });
  const [from, to] = ["Department 0", "Department 1"];
  // Not all of them: a group that is left empty would need its filler.
  const movers = everyone.filter((one) => one.department === from).slice(1);
  const moved = everyone.map((one) => (movers.includes(one) ? { ...one, department: to } : one));
  await write(moved);
  const move = await counted(meter, () => does(session, 3 * movers.length));
  const joiners = people(everyone.length * 1.1).slice(everyone.length);
  await write([...moved, ...joiners]);
  const joined = await counted(meter, () => does(session, 4 * joiners.length));

  const figure = (what: string, value: number, goal: number, { searches }: Requests): Figure => ({
    ...{ what: `${what}, ${subject.name}`, value, unit: "", goal },
    note: `searches beside them: ${searches}`,
  });
  const changes = ({ adds, modifies, others }: Requests) => adds + modifies + others;
  const pages = Math.ceil(everyone.length / 1000) + 1;
  return [
    {
      what: `Searches of a pass with nothing to do over ${everyone.length} users, scanned, ${subject.name}`,
      ...{ value: idle.searches, unit: "", goal: pages + 10 },
      note: `${pages} pages among them; changes: ${changes(idle)}`,
    },
    figure(
      `${movers.length} users change their department: changes sent`,
      changes(move),
      movers.length + 2,
      move,
    ),
    figure(
      `${joiners.length} users join, each with 3 groups: changes sent`,
      changes(joined),
      joiners.length + groups.length,
      joined,
    ),
  ];
}

async function counted(meter: Meter, work: () => Promise<unknown>): Promise<Requests> {
  meter.read();
  await work();
  return meter.read();
}

async function does(session: Session, items: number): Promise<void> {
  await session.load();
  const { done } = await session.run();
  if (done !== items) throw new Error(`did ${done} items, and should have done ${items}`);
}
