import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHandlers } from "../../src/cli/cluster/read-handlers.ts";
import { storesOf } from "../../src/cli/stores.ts";
import { connectors } from "../../src/connectors/registry.ts";
import { directory } from "../../src/resources/directory/directory.ts";
import { serveApi } from "../../src/server/api.ts";
import type { HttpServer } from "../../src/server/listen.ts";
import { openState } from "../../src/state/open.ts";
import { company, dn, person } from "../support/company.ts";
import { searchPath } from "../support/environment.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall, startRollcall } from "../support/rollcall-process.ts";

const run = promisify(execFile);

/** A controller's read API over one folder (which stands for the cluster), and a clone of it that somebody edits. */
let cluster: ManifestFolder;
let clone: ManifestFolder;
let api: HttpServer;

beforeAll(async () => {
  cluster = await ManifestFolder.make(...company(), person("alice"), person("bob"));
  clone = await ManifestFolder.make(...company(), person("alice"), person("bob"));
  for (const words of [
    ["init", "-q"],
    ["add", "manifests"],
    [...who, "commit", "-qm", "first"],
  ])
    await run("git", ["-C", clone.at("."), ...words]);
  const { code } = await rollcall("apply", ...cluster.words, "--init", "--yes");
  expect(code).toBe(0);
  const root = cluster.at(".");
  const resources = directory(cluster.at("manifests"), connectors);
  api = await serveApi({
    listen: { host: "127.0.0.1", port: 0 },
    reviewer: {
      userOf: async (token) => (token === "good" ? { username: "ann" } : undefined),
      may: async (_, { namespace }) => namespace === "default",
    },
    handlers: readHandlers({
      tenant: () => ({
        read: (signal) => resources.read(signal),
        openState: () => openState(cluster.at("state.db"), { realm: "default", mode: "read" }),
        stores: () => storesOf({ connectors, environment: {}, root }),
        connectors,
      }),
      now: () => Date.now(),
      newId: () => "id",
    }),
    now: () => performance.now(),
    failed: () => {},
  });
});
afterAll(async () => {
  await api.close();
  await clone[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];

const ask = (...words: readonly string[]) =>
  startRollcall([...words, "-n", "default"], { ROLLCALL_SERVER: api.url, ROLLCALL_TOKEN: "good" }).ended;

describe("without -f the cluster's controller is asked", () => {
  test("status", async () => {
    const { code, stdout } = await ask("status");
    expect(stdout).toMatch(/people +directory +Enforce +2/);
    expect(code).toBe(0);
  });

  test("journal, as lines of JSON too", async () => {
    const { stdout } = await ask("journal", "--identity", "alice", "--last", "1", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({ identity: "alice", at: expect.stringContaining("T") });
    expect((await ask("journal")).stdout).toContain(`create  ${dn("bob")}`);
  });

  test("explain, with what would be otherwise", async () => {
    const { code, stdout } = await ask("explain", "alice", "--if", "department=Sales");
    expect(stdout).toContain("lab");
    expect(code).toBe(0);
    expect((await ask("explain", "alcie")).stderr).toContain('did you mean "alice"');
  });

  test("plan, of what the cluster holds", async () => {
    const { code, stdout } = await ask("plan");
    expect(stdout).toContain("nothing to do");
    expect(code).toBe(0);
  });
});

describe("a clone that somebody edits", () => {
  test("is planned over what the cluster holds, and changes nothing", async () => {
    const before = await cluster.store();
    await clone.write(person("carol"));
    const { code, stdout } = await ask("plan", "-f", clone.at("manifests"), "--cluster", "-o", "json");
    expect(code).toBe(1);
    const [target] = JSON.parse(stdout).targets;
    expect(target.changes).toContainEqual(expect.objectContaining({ action: "create", name: dn("carol") }));
    expect(await cluster.store()).toEqual(before);
    await clone.remove("Identity", "carol");
  });

  test("with a base only its edits count: what it removes leaves, what the cluster alone has stays", async () => {
    await cluster.write(person("dora"));
    await clone.remove("Identity", "bob");
    const words = ["plan", "-f", clone.at("manifests"), "--base", "HEAD", "--cluster", "-o", "json"];
    const [target] = JSON.parse((await ask(...words)).stdout).targets;
    const all = [...target.changes, ...target.held].map(({ action, name }) => `${action} ${name}`);
    expect(all).toContain(`disable ${dn("bob")}`);
    expect(all).toContain(`create ${dn("dora")}`);
    expect(all.join()).not.toContain(dn("alice"));
    await clone.write(person("bob"));
    await cluster.remove("Identity", "dora");
  });

  test("is told at which line of which file something is wrong, and exits 2", async () => {
    await clone.write(person("alice", { department: 7 }));
    const { code, stderr } = await ask("plan", "-f", clone.at("manifests"), "--cluster");
    expect(stderr).toMatch(/Identity-alice\.yaml:9: Identity\/alice spec\.department/);
    expect(code).toBe(2);
    await clone.write(person("alice"));
  });

  test("that changes a Store exits 3: it cannot be told what that leads to", async () => {
    await clone.write({
      kind: "Store",
      name: "directory",
      spec: { memory: {}, traffic: { concurrency: 2 } },
    });
    const { code, stdout } = await ask("plan", "-f", clone.at("manifests"), "--cluster");
    expect(stdout).toContain("not dialled before that is merged");
    expect(code).toBe(3);
    await clone.write(...company().slice(0, 1));
  });

  test("with a file that cannot be read is not planned: nothing of it is taken for removed", async () => {
    await clone.writeFile("manifests/broken.yaml", "a: [");
    const { code, stderr } = await ask("plan", "-f", clone.at("manifests"), "--cluster");
    expect([code, stderr]).toEqual([2, expect.stringContaining("broken.yaml:1")]);
    await clone.writeFile("manifests/broken.yaml", "");
  });
});

describe("who cannot ask is told what to do", () => {
  const asked = (environment: Readonly<Record<string, string>>, ...words: readonly string[]) =>
    startRollcall(["status", ...words], {
      ...{ ROLLCALL_SERVER: "", ROLLCALL_TOKEN: "", KUBECONFIG: "", HOME: clone.at("."), ...environment },
    }).ended;

  test.each<[string, string[], Record<string, string>, string]>([
    ["no cluster", [], {}, "name the folder of the manifests: -f DIR"],
    [
      "a server in the clear",
      ["-n", "a", "--server", "http://example.org"],
      { ROLLCALL_TOKEN: "x" },
      "use https",
    ],
    ["a server that is none", ["-n", "a", "--server", "example"], { ROLLCALL_TOKEN: "x" }, "must be a URL"],
    ["nobody there", ["-n", "a", "--server", "http://127.0.0.1:1"], { ROLLCALL_TOKEN: "x" }, "ECONNREFUSED"],
    ["flags of a folder", ["--state", "x"], {}, "--state has no meaning here"],
    ["a token file that is not there", ["--token-file", "/nowhere"], {}, "check --token-file"],
  ])("%s", async (_, words, environment, text) => {
    const { code, stderr } = await asked(environment, ...words);
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  test("a token that the cluster does not know, and a right that is missing", async () => {
    const unknown = await asked({ ROLLCALL_TOKEN: "bad" }, "-n", "default", "--server", api.url);
    expect(unknown.stderr).toContain("does not know this token");
    const forbidden = await asked({ ROLLCALL_TOKEN: "good" }, "-n", "other", "--server", api.url);
    expect(forbidden.stderr).toContain('cannot get resource "statuses"');
  });

  test("a client certificate, which the controller cannot check", async () => {
    const kubeconfig = clone.at("kubeconfig");
    await writeFile(
      kubeconfig,
      JSON.stringify({
        ...{ apiVersion: "v1", kind: "Config", "current-context": "c" },
        clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
        users: [{ name: "c", user: {} }],
        contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
      }),
    );
    const { stderr } = await asked({}, "--kubeconfig", kubeconfig, "--server", api.url);
    expect(stderr).toContain("kubectl create token");
  });
});

describe("without --server kubectl forwards a port", () => {
  /** A kubectl that does as this script says. */
  async function kubectl(script: string): Promise<Record<string, string>> {
    await mkdir(clone.at("bin"), { recursive: true });
    await writeFile(clone.at("bin/kubectl"), `#!/bin/sh\n${script}\n`);
    await chmod(clone.at("bin/kubectl"), 0o755);
    return {
      PATH: `${clone.at("bin")}${delimiter}${searchPath()}`,
      ROLLCALL_TOKEN: "good",
      ROLLCALL_SERVER: "",
    };
  }

  test("to the controller's deployment, and ends the tunnel afterwards", async () => {
    const environment = await kubectl(
      `echo "$$ $*" > ${clone.at("called")}\necho "Forwarding from 127.0.0.1:${new URL(api.url).port} -> 9465"\nexec sleep 600`,
    );
    const words = ["status", "-n", "default", "--controller-namespace", "ops", "--context", "prod"];
    const { code, stdout } = await startRollcall(words, environment).ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining("people")]);
    const [pid, ...called] = (await run("cat", [clone.at("called")])).stdout.trim().split(" ");
    expect(called.join(" ")).toBe(
      "port-forward --namespace=ops --context=prod --address=127.0.0.1 deployment/rollcall :9465",
    );
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  });

  test("and what kubectl says is told where it cannot", async () => {
    const environment = await kubectl(`echo 'Error: deployments "rollcall" not found' >&2; exit 1`);
    const { code, stderr } = await startRollcall(["status", "-n", "default"], environment).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('deployments "rollcall" not found')]);
  });
});
