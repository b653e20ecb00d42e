import { join } from "node:path";
import { makeFolder } from "../test/support/folder.ts";
import type { Postgres } from "../test/support/postgres.ts";
import { people, writeCompany } from "./company.ts";
import {
  databasePolicies,
  emptyTable,
  startDatabase,
  timeCopyIn,
  timeCopyOut,
  touchOutside,
} from "./database.ts";
import type { Figure } from "./figure.ts";
import { openSession, type Session } from "./session.ts";
import { median } from "./spread.ts";

/** Loads a table, and looks at it again when there is nothing to do. */
export async function postgres(size: number): Promise<Figure[]> {
  await using server: Postgres = await startDatabase();
  await using folder = await makeFolder("bench");
  const everyone = people(size);
  const tool = await timeCopyIn(server, everyone);
  const url = await emptyTable(server);
  await writeCompany(join(folder.path, "manifests"), databasePolicies(), everyone);
  const session = await openSession(folder.path, { DATABASE_URL: url });
  const { parsing, remembering } = await session.load();
  const { seconds, done } = await session.run();
  if (done !== size) throw new Error(`made ${done} of ${size} accounts`);
  const load: Figure = {
    what: `Load ${size} rows into PostgreSQL`,
    value: seconds,
    unit: "s",
    tool: { name: "\\copy", value: tool },
    goal: 2.5,
    note: `parsing ${parsing.toFixed(1)} s, remembering manifests ${remembering.toFixed(1)} s`,
  };
  const idle = await idlePasses(session, url, size);
  await session.close();
  return [load, ...idle];
}

async function idlePasses(session: Session, url: string, size: number): Promise<Figure[]> {
  const what = `Pass with nothing to do over ${size} rows in PostgreSQL`;
  await session.run();
  const writes = session.counts.stateWrites + session.counts.changes;
  const scans: number[] = [];
  const copies: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    copies.push(await timeCopyOut(url));
    await touchOutside(url);
    scans.push((await session.run()).seconds);
  }
  const { seconds } = await session.run();
  const written = session.counts.stateWrites + session.counts.changes - writes;
  const tool = { name: "COPY TO", value: median(copies) };
  return [
    { what: `${what}, scanned`, value: median(scans), unit: "s", tool, goal: 2, note: "median of 5" },
    { what: `${what}, snapshot unchanged`, value: seconds, unit: "s", tool, goal: 2 },
    { what: "Writes of these passes, to store and state", value: written, unit: "", goal: 0 },
  ];
}
