import { afterAll, beforeAll, expect, test } from "vitest";
import { openState } from "../../../src/state/open.ts";
import { person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../../support/kubernetes/organisation.ts";
import { type OpenLdap, startOpenLdap } from "../../support/openldap.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import type { ControllerProcess } from "../../support/rollcall-process.ts";
import { collect } from "../../support/state/samples.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { waitFor } from "../../support/wait.ts";
import { inLdap, people, secret } from "./ldap-people.ts";

/** The database with the state goes away for a while: nothing is changed that was not committed before, and nothing is forgotten. */

let cluster: Cluster;
let ldap: OpenLdap;
let database: Postgres;
beforeAll(async () => {
  [cluster, ldap, database] = await Promise.all([startCluster(), startOpenLdap(), startPostgres()]);
  await installRelease(cluster, ["idle", "busy"], { secrets: { all: false, names: ["corp"] } });
});
afterAll(() => Promise.all([cluster?.stop(), ldap?.stop(), database?.stop()]));

const quick = { limits: { settle: "1s", removals: { percent: 50, atLeast: 2 } }, schedule: { every: "1s" } };

/** Resolves when it has tried in vain so many times since it had logged so many lines. */
const failed = ({ lines }: ControllerProcess, times: number, since: number) =>
  waitFor(() => lines.slice(since).filter(({ msg }) => msg === "cannot go on now").length >= times, {
    what: `it has failed ${times} times`,
    timeout: 120_000,
  });

/** `uid` to the journal's lines of who was created. */
async function journalled(place: string, realm: string): Promise<Map<string, string[]>> {
  const state = await openState(place, { realm, mode: "read" });
  const journal = await collect(state.journal({}));
  await state.close();
  const made = journal.filter(({ operation, identity }) => operation === "Create" && identity !== "");
  const byIdentity = Map.groupBy(made, ({ identity }) => identity);
  return new Map([...byIdentity].map(([identity, lines]) => [identity, lines.map(({ result }) => result)]));
}

test("while it is away nothing is changed, and the controller says so; edits made meanwhile are applied after", async () => {
  const place = await database.createDatabase();
  await using organisation = await Organisation.make(cluster, "idle", ...people(ldap, { target: quick }));
  await cluster.apply(secret("idle", ldap.servicePassword));
  await organisation.apply(person("alice"), person("bob"));
  const controller = await organisation.start("--state", place);
  const url = await controller.ready();
  const uids = async () => (await inLdap(ldap)).map(({ uid }) => uid).sort();
  await waitFor(async () => (await uids()).length === 2);
  const before = await inLdap(ldap);

  const since = controller.lines.length;
  await database.kill();
  await organisation.apply(person("carol"), person("bob", { department: "Sales" }));
  await organisation.delete("identity/alice");
  await failed(controller, 3, since);
  expect(await inLdap(ldap)).toEqual(before);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('rollcall_state_up{realm="idle"} 0');
  expect(await (await fetch(`${url}/healthz`)).text()).toBe("ok\n");

  await database.restart();
  await waitFor(
    async () => {
      const of = new Map((await inLdap(ldap)).map((entry) => [entry.uid, entry]));
      const [left, moved] = [of.get("alice")?.employeeType, of.get("bob")?.sn];
      return left === "Disabled" && moved === "Sales" && of.has("carol");
    },
    { what: "all edits are applied", timeout: 90_000 },
  );
  expect(await controller.end("SIGTERM")).toBe(0);
  expect(await journalled(place, "idle")).toEqual(
    new Map(["alice", "bob", "carol"].map((uid) => [uid, ["Done"]])),
  );
}, 300_000);

test("that goes away in the middle of a batch has, in the end, each change once", async () => {
  const place = await database.createDatabase();
  const wire = await startTcpProxy(ldap.port);
  const manifests = people(ldap, { url: `ldap://127.0.0.1:${wire.port}`, target: quick });
  await using organisation = await Organisation.make(cluster, "busy", ...manifests);
  await cluster.apply(secret("busy", ldap.servicePassword));
  const names = Array.from({ length: 4_000 }, (_, index) => `p${index}`);
  await organisation.createMany(names.map((name) => person(name)));
  const others = (await inLdap(ldap)).length;
  const many = async () => (await inLdap(ldap)).length - others;
  // So slow that whoever looks is in the middle of it, though held up for seconds.
  wire.fail({ kind: "Delay", milliseconds: 50 });
  const controller = await organisation.start("--state", place);
  await waitFor(async () => (await many()) > 0, { what: "it is in the middle of a batch" });
  const since = controller.lines.length;
  await database.kill();
  await failed(controller, 2, since);
  const made = await many();
  await failed(controller, 3, since);
  expect(await many()).toBe(made);
  expect(made).toBeLessThan(names.length);

  wire.heal();
  await database.restart();
  await waitFor(async () => (await many()) === names.length, {
    what: "all have come",
    timeout: 200_000,
    every: 200,
  });
  await waitFor(async () => (await journalled(place, "busy")).size === names.length, {
    what: "all is journalled",
    every: 200,
  });
  expect(await controller.end("SIGTERM")).toBe(0);
  const results = [...(await journalled(place, "busy")).values()].map((lines) => lines.join());
  expect(new Set(results)).toEqual(new Set(["Done"]));
  await wire.close();
}, 600_000);
