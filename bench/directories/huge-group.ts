import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../test/support/folder.ts";
import { people, writeCompany } from "../company.ts";
import type { Figure } from "../figure.ts";
import { openSession } from "../session.ts";
import { environmentOf } from "./load.ts";
import { startMeter } from "./meter.ts";
import { groupPolicies, hugeGroup, type Subject } from "./subject.ts";

/** A group that has very many members already gains one. */
export async function hugeGroupFigures(subject: Subject, members: number): Promise<Figure[]> {
  await using folder = await makeFolder("bench");
  await using meter = await startMeter(subject);
  await copyFile(subject.ca.path, join(folder.path, "ca.crt"));
  const manifests = join(folder.path, "manifests");
  const everyone = people(2);
  const policies = subject.policies(meter.url);
  await writeCompany(manifests, policies, everyone);
  await using session = await openSession(folder.path, environmentOf(subject));
  await session.load();
  await session.run();
  const gained = groupPolicies(
    [{ name: hugeGroup, members: [] }],
    subject,
    () => "identity.userName == 'u000000'",
  );
  await writeCompany(manifests, [...policies, ...gained], everyone);
  await session.load();
  meter.read();
  const { seconds, done } = await session.run();
  const { modifies, adds, others, searches } = meter.read();
  if (done !== 1) throw new Error(`did ${done} items, and should have given one group`);
  return [
    {
      what: `A group of ${members} members gains one in ${subject.name}: changes sent`,
      ...{ value: modifies + adds + others, unit: "", goal: 1 },
      note: `in ${seconds.toFixed(2)} s; searches beside it: ${searches}`,
    },
  ];
}
