import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { company, person } from "../../support/company.ts";
import { type Folder, makeFolder } from "../../support/folder.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { installRelease, releaseNamespace } from "../../support/kubernetes/organisation.ts";
import type { StoreContent } from "../../support/manifest-folder.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { ControllerProcess } from "../../support/rollcall-process.ts";
import { waitFor } from "../../support/wait.ts";
import type { Manifest } from "../../support/world.ts";

/** One controller for every namespace: each is an organisation of its own, and what befalls one is nothing to the others. */

const quick = company({ limits: { settle: "1s" }, schedule: { every: "1h" } });

let cluster: Cluster;
let database: Postgres;
let folder: Folder;
let kubeconfig: string;
let place: string;
let controller: ControllerProcess;
let url: string;

beforeAll(async () => {
  [cluster, database, folder] = await Promise.all([
    startCluster({ controllerManager: true }),
    startPostgres(),
    makeFolder("namespaces"),
  ]);
  await installRelease(cluster, [], { watch: { allNamespaces: true } });
  kubeconfig = await cluster.serviceAccountKubeconfig(releaseNamespace, "rollcall");
  place = await database.createDatabase();
});
afterEach(() => controller?.end("SIGKILL"));
afterAll(() => Promise.all([cluster?.stop(), database?.stop(), folder?.remove()]));

async function start(): Promise<void> {
  const own = ["--controller-namespace", releaseNamespace, "--api-listen", "127.0.0.1:0"];
  const places = ["--kubeconfig", kubeconfig, "--root", folder.path, "--state", place];
  controller = new ControllerProcess("--all-namespaces", ...places, ...own);
  url = String((await controller.logged("started")).url);
}

const get = async (path: string) => (await fetch(`${url}${path}`)).text();
const fileOf = (namespace: string) => join(folder.path, `${namespace}.json`);

/** Its store is a file of its own. */
async function apply(namespace: string, ...manifests: readonly Manifest[]): Promise<void> {
  const apiVersion = "rollcall.dev/v1alpha1";
  const objects = manifests.map(({ kind, name, spec }) => {
    const placed = kind === "Store" ? { memory: { file: `${namespace}.json` } } : spec;
    return { apiVersion, kind, metadata: { name, namespace }, spec: placed };
  });
  await cluster.apply(`---\n${objects.map((object) => stringify(object)).join("---\n")}`);
}

async function organise(namespace: string, ...people: readonly Manifest[]): Promise<void> {
  if (namespace !== "default") await cluster.namespace(namespace);
  await writeFile(fileOf(namespace), "{}");
  await apply(namespace, ...quick, ...people);
}

async function accounts(namespace: string): Promise<StoreContent["accounts"]> {
  const content: Partial<StoreContent> = JSON.parse(await readFile(fileOf(namespace), "utf8"));
  return content.accounts ?? [];
}

/** Resolves when exactly these have accounts that work. */
async function works(namespace: string, ...uids: readonly string[]): Promise<void> {
  const what = `${uids} work in ${namespace}`;
  const names = uids.map((uid) => `uid=${uid}`).sort();
  await waitFor(
    async () => {
      const enabled = (await accounts(namespace)).filter((each) => each.enabled);
      return enabled.map(({ name }) => name.split(",")[0]).sort().join() === names.join(); // biome-ignore format: one chain
    },
    // A namespace that could not be looked after is tried again after a minute, at the latest.
    { what, timeout: 150_000 },
  );
}

const remove = (namespace: string, what: string) =>
  cluster.kubectl(["delete", "--wait=false", "-n", namespace, what]);

test("each namespace is an organisation, whatever it is called and whenever it comes", async () => {
  const longest = "n".repeat(63);
  await organise("default", person("alice"));
  await organise(longest, person("alice"), person("bob"));
  await start();
  await works("default", "alice");
  await works(longest, "alice", "bob");
  await organise("later", person("alice", { department: "Sales" }));
  await works("later", "alice");

  const others = [await accounts("default"), await accounts("later")];
  await remove(longest, "identity/alice");
  await works(longest, "bob");
  expect([await accounts("default"), await accounts("later")]).toEqual(others);
  const counts = [
    ["default", 1, 0],
    ["later", 1, 0],
    [longest, 1, 1],
  ] as const;
  for (const [realm, enabled, disabled] of counts) {
    const shown = (state: string, count: number) =>
      `rollcall_accounts{realm="${realm}",target="people",state="${state}"} ${count}\n`;
    await waitFor(
      async () => {
        const metrics = await get("/metrics");
        return metrics.includes(shown("Enabled", enabled)) && metrics.includes(shown("Disabled", disabled));
      },
      { what: `the metrics tell of the accounts of ${realm}` },
    );
  }
  expect(await schemas()).toEqual(
    expect.arrayContaining([
      "rollcall",
      "rollcall_later",
      expect.stringMatching(/^rollcall_n+_[0-9a-f]{16}$/),
    ]),
  );
  expect(await controller.end("SIGTERM")).toBe(0);
});

async function inDatabase<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: place });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

const schemas = async () =>
  (await inDatabase<{ nspname: string }>("SELECT nspname FROM pg_namespace")).map(({ nspname }) => nspname);

test("one that is deleted is left as it is, and nobody elsewhere notices", async () => {
  await organise("doomed", person("alice"));
  await organise("spared", person("alice"));
  await start();
  await works("doomed", "alice");
  await works("spared", "alice");
  const before = await accounts("doomed");
  await cluster.kubectl(["delete", "namespace", "doomed", "--timeout=120s"]);
  await apply("spared", person("bob"));
  await works("spared", "alice", "bob");
  await remove("spared", "identity/alice");
  await works("spared", "bob");
  expect(await accounts("doomed")).toEqual(before);
  await controller.ready();
  expect(await controller.end("SIGTERM")).toBe(0);
});

test("one whose state is lost, and one that has another's, are told with the cure; the others go on", async () => {
  await organise("lost", person("alice"));
  await organise("foreign", person("alice"));
  await organise("sound", person("alice"));
  await start();
  for (const namespace of ["lost", "foreign", "sound"]) await works(namespace, "alice");
  expect(await controller.end("SIGTERM")).toBe(0);
  await inDatabase("DROP SCHEMA rollcall_lost CASCADE");
  const own = ["-n", releaseNamespace, "configmap", "rollcall-state"];
  const patch = async (data: object) =>
    expect(
      await cluster.kubectl(["patch", ...own, "--type=merge", "-p", JSON.stringify({ data })]),
    ).toMatchObject({ code: 0 });
  await patch({ foreign: "another" });

  await start();
  const refused = async (namespace: string, cause: RegExp) => {
    const { error } = await controller.logged("cannot look after the namespace", { namespace });
    expect(error).toMatch(cause);
    expect(error).toContain(`remove the key ${namespace} from ConfigMap rollcall-state`);
    await waitFor(async () => (await get("/metrics")).includes(`rollcall_state_up{realm="${namespace}"} 0`));
  };
  await refused("lost", /state \S+ was kept there and is gone; correct --state, restore it/);
  await refused("foreign", /it is state \S+, and until now another was used/);
  for (const namespace of ["lost", "foreign", "sound"]) await apply(namespace, person("bob"));
  await works("sound", "alice", "bob");
  const refusedOne = /^not ready: namespace (?:lost|foreign): cannot use a state/;
  await waitFor(async () => refusedOne.test(await get("/readyz")), { what: "it is not ready" });
  for (const namespace of ["lost", "foreign"]) await works(namespace, "alice");

  await patch({ foreign: null });
  await works("foreign", "alice", "bob");
  expect(await controller.end("SIGTERM")).toBe(0);
});
