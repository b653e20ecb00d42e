import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../test/support/folder.ts";
import { startOpenLdap } from "../test/support/openldap.ts";
import { identityYaml, people, personFile, rolePolicies, writeCompany } from "./company.ts";
import { databasePolicies } from "./databases/database.ts";
import { postgres } from "./databases/postgres.ts";
import { directoryPolicies, emptyGroups } from "./directory.ts";
import type { Figure } from "./figure.ts";
import { openSession } from "./session.ts";
import { longestStall } from "./stalls.ts";

/** What a company of this size takes with two targets and a role for half of it, from an empty process on. */
export interface Usage {
  readonly stalls: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Resident memory in MB: at its highest, and with nothing to do. */
  readonly peak: number;
  readonly resting: number;
}

export async function memory(size: number): Promise<Usage> {
  await using directory = await startOpenLdap({ ldif: emptyGroups(["staff"]) });
  await using database = await postgres();
  await using folder = await makeFolder("bench");
  const manifests = join(folder.path, "manifests");
  const group = `cn=staff,${directory.groupsDn}`;
  const policies = [
    ...directoryPolicies(directory),
    ...databasePolicies(database.store),
    ...rolePolicies(20, [group]),
  ];
  const everyone = people(size);
  await writeCompany(manifests, policies, everyone);
  const { environment } = await database.table();
  const session = await openSession(folder.path, {
    LDAP_PASSWORD: directory.servicePassword,
    ...environment,
  });
  const start = performance.now();
  const stalls: Record<string, number> = {};
  const phase = async (name: string, work: () => Promise<unknown>) => {
    stalls[name] = (await longestStall(work)).stall;
  };
  await phase("read", () => session.load());
  await phase("load", () => session.run());
  const seconds = (performance.now() - start) / 1000;
  await phase("pass", () => session.run());
  await phase("pass", () => session.run({ full: true }));
  await phase("edit", async () => {
    const one = { ...everyone[0]!, title: "Head of everything" };
    const rest = everyone.slice(1, 1000);
    await writeFile(personFile(manifests, one), [one, ...rest].map(identityYaml).join("---\n"));
    await session.load();
    await session.run({ pass: false });
  });
  const resting = process.memoryUsage.rss() / 2 ** 20;
  await session.close();
  return { stalls, seconds, resting, peak: process.resourceUsage().maxRSS / 1024 };
}

/** A tenth of the size beside the whole, so that one sees whether time and memory grow faster than the company. */
export function memoryFigures(size: number, whole: Usage, tenth: Usage): Figure[] {
  const what = `${size} identities, two targets`;
  const [worst = ["", 0]] = Object.entries(whole.stalls).sort(([, a], [, b]) => b - a);
  return [
    {
      what: `${what}: resident memory at its highest`,
      value: whole.peak,
      unit: "MB",
      goal: 600,
      note: `${Math.round(whole.resting)} MB at the end; ${Math.round(tenth.peak)} MB with ${size / 10}`,
    },
    {
      what: `${what}: longest stall of the event loop`,
      value: worst[1],
      unit: "ms",
      goal: 50,
      note: Object.entries(whole.stalls)
        .map(([name, stall]) => `${name} ${Math.round(stall)}`)
        .join(", "),
    },
    {
      what: `${what}: read and load both, to a tenth of it`,
      value: whole.seconds / tenth.seconds,
      unit: "×",
      goal: 12,
      note: `${whole.seconds.toFixed(1)} s and ${tenth.seconds.toFixed(1)} s: 10× is linear`,
    },
  ];
}
