import { join } from "node:path";
import type { StoreChange } from "../src/connectors/contract.ts";
import { sqlConnector } from "../src/connectors/sql/sql.ts";
import { makeFolder } from "../test/support/folder.ts";
import { type Person, people, writeCompany } from "./company.ts";
import { type BenchDatabase, databasePolicies, type Place, writeRows } from "./databases/database.ts";
import type { Figure } from "./figure.ts";
import { openSession, type Session } from "./session.ts";
import { median } from "./spread.ts";

/** Loads a table, and looks at it again when there is nothing to do. */
export async function sql(start: () => Promise<BenchDatabase>, size: number): Promise<Figure[]> {
  await using database = await start();
  await using folder = await makeFolder("bench");
  const everyone = people(size);
  const file = join(folder.path, "people.csv");
  await writeRows(file, everyone);
  const tool = { name: database.tools.load, value: await (await database.table()).load(file) };
  const alone = await applyAll(database, await database.table(), everyone);
  const place = await database.table();
  await writeCompany(join(folder.path, "manifests"), databasePolicies(database.store), everyone);
  const session = await openSession(folder.path, place.environment, place.root);
  const { parsing, remembering } = await session.load();
  const { seconds, done } = await session.run();
  if (done !== size) throw new Error(`made ${done} of ${size} accounts`);
  const note = `parsing ${parsing.toFixed(1)} s, remembering manifests ${remembering.toFixed(1)} s`;
  const what = `Load ${size} rows into ${database.name}`;
  const { goal } = database;
  const loads: Figure[] = [
    { what, value: seconds, unit: "s", tool, goal, note },
    { what: `${what}, by the connector alone`, value: alone, unit: "s", tool, goal },
  ];
  const idle = await idlePasses(session, database, place, size);
  await session.close();
  return [...loads, ...idle];
}

/** Seconds that the connector needs for the same rows without an engine that remembers them, by the thousand as that hands them over. */
async function applyAll(database: BenchDatabase, place: Place, everyone: readonly Person[]): Promise<number> {
  const connection = sqlConnector.connect(sqlConnector.storeSchema.parse(database.store), {
    secret: async ({ env = "" }) => place.environment[env] ?? "",
    path: (file) => join(place.root, file),
  });
  const block = sqlConnector.targetSchema.parse({ table: { name: "people", key: "login" } });
  const attributes = ["mail", "number", "department", "title"] as const;
  const target = connection.target({ block, attributes });
  const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
  const changes = everyone.map((one, id): StoreChange => {
    const values = attributes.map((name) => [name, [one[name]]] as const);
    return { id, kind: "create", name: one.id, attributes: Object.fromEntries(values), enabled: true };
  });
  await target.schema(call);
  const start = performance.now();
  for (let at = 0; at < changes.length; at += 1_000)
    for await (const outcome of target.apply(changes.slice(at, at + 1_000), call))
      if (!outcome.ok) throw outcome.error;
  const taken = (performance.now() - start) / 1000;
  await connection.close();
  return taken;
}

async function idlePasses(
  session: Session,
  { name, tools }: BenchDatabase,
  place: Place,
  size: number,
): Promise<Figure[]> {
  const what = `Pass with nothing to do over ${size} rows in ${name}`;
  await session.run();
  const writes = session.counts.stateWrites + session.counts.changes;
  const scans: number[] = [];
  const reads: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    reads.push(await place.read());
    await place.touch();
    scans.push((await session.run()).seconds);
  }
  const { seconds } = await session.run();
  const written = session.counts.stateWrites + session.counts.changes - writes;
  const tool = { name: tools.read, value: median(reads) };
  return [
    { what: `${what}, scanned`, value: median(scans), unit: "s", tool, goal: 2, note: "median of 5" },
    { what: `${what}, ${tools.marker} unchanged`, value: seconds, unit: "s", tool, goal: 2 },
    { what: "Writes of these passes, to store and state", value: written, unit: "", goal: 0 },
  ];
}
