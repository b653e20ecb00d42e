import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { askController } from "../../src/cli/controller-client.ts";
import { openState } from "../../src/state/open.ts";
import { company, person } from "../support/company.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { ControllerProcess, rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";
import type { Manifest } from "../support/world.ts";

let folder: Folder;
const running: ControllerProcess[] = [];

beforeEach(async () => {
  folder = await makeFolder("controller");
  await mkdir(at("manifests"));
  await writeFile(at("store.json"), "{}");
});

afterEach(async () => {
  for (const controller of running.splice(0)) await controller.end("SIGKILL");
  await folder.remove();
});

const at = (name: string) => join(folder.path, name);
const place = () => ["-f", at("manifests"), "--state", at("state.db"), "--root", folder.path];

function start(...words: string[]): ControllerProcess {
  const controller = new ControllerProcess(...place(), ...words);
  running.push(controller);
  return controller;
}

async function write(...manifests: readonly Manifest[]): Promise<void> {
  for (const { kind, name, spec } of manifests) {
    const object = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec };
    await writeFile(at(`manifests/${kind}-${name}.yaml`), stringify(object));
  }
}

/** The usual company, its store in a file. */
function inFile(target: Record<string, unknown>): readonly Manifest[] {
  return company(target).map((manifest) =>
    manifest.kind === "Store" ? { ...manifest, spec: { memory: { file: "store.json" } } } : manifest,
  );
}

interface Content {
  readonly accounts: readonly { name: string; enabled: boolean; attributes: Record<string, string[]> }[];
}

async function store(): Promise<Content> {
  return { accounts: [], ...JSON.parse(await readFile(at("store.json"), "utf8")) };
}

async function account(uid: string) {
  return (await store()).accounts.find(({ name }) => name.startsWith(`uid=${uid},`));
}

async function heldHash(): Promise<string | undefined> {
  const state = await openState(at("state.db"), { realm: "default", mode: "read" });
  try {
    return (await state.holds())[0]?.hash;
  } finally {
    await state.close();
  }
}

const becomes = (uid: string, attribute: string, value: string) =>
  waitFor(async () => (await account(uid))?.attributes[attribute]?.[0] === value, {
    what: `${attribute} of ${uid} is ${value}`,
  });

describe("a running controller", () => {
  test("applies what is edited in the folder, and serves what it does", async () => {
    await write(...inFile({}), person("alice"));
    const controller = start("--init");
    const url = await controller.ready();
    await becomes("alice", "department", "Research");

    await write(person("alice", { department: "Sales" }), person("bob"));
    await becomes("alice", "department", "Sales");
    await becomes("bob", "department", "Research");

    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const metrics = await waitFor(async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.includes('rollcall_accounts{target="people",state="Enabled"} 2') && text;
    });
    expect(metrics).toContain('rollcall_changes_total{target="people",action="Create",result="Done"} 3');
    expect(metrics).toContain('rollcall_store_up{store="directory"} 1');
    expect(metrics).toMatch(/rollcall_store_calls_total\{store="directory",call="apply",status="ok"\} \d/);
    expect(metrics).toContain("rollcall_manifests_complete 1");
    expect(metrics).not.toMatch(/alice|bob/);
  });

  test("repairs what somebody else changed in the store, on its schedule", async () => {
    await write(...inFile({ schedule: { every: "200ms" } }), person("alice"));
    await start("--init").ready();
    await becomes("alice", "department", "Research");
    const tampered = await store();
    for (const { attributes } of tampered.accounts) attributes.department = ["Mallory"];
    await writeFile(at("store.json"), JSON.stringify(tampered));
    await becomes("alice", "department", "Research");
  });

  test("disables whom a manifest no longer names once that has settled", async () => {
    await write(...inFile({ limits: { settle: "300ms" } }), person("alice"), person("bob"));
    await start("--init").ready();
    await becomes("alice", "department", "Research");
    await rm(at("manifests/Identity-alice.yaml"));
    await waitFor(async () => (await account("alice"))?.enabled === false);
    expect((await account("bob"))?.enabled).toBe(true);
  });

  test("goes on after it was killed, and stops in order when asked to", async () => {
    await write(...inFile({}), person("alice"));
    const first = start("--init");
    await first.ready();
    await becomes("alice", "department", "Research");
    await first.end("SIGKILL");
    await write(person("alice", { department: "Sales" }));
    const second = start();
    await second.ready();
    await becomes("alice", "department", "Sales");
    expect((await store()).accounts).toHaveLength(1);
    expect(await second.end("SIGTERM")).toBe(0);
    await expect(stat(at("state.db.sock"))).rejects.toThrow("ENOENT");
  });

  test("does not start without a state unless it may make one", async () => {
    await write(...inFile({}), person("alice"));
    const { code, stderr } = await rollcall("controller", ...place());
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot find a state at .*add --init/);
  });

  test("refuses another server in its store's place", async () => {
    await write(...inFile({ schedule: { every: "200ms" } }), person("alice"));
    const controller = start("--init");
    await controller.ready();
    await becomes("alice", "department", "Research");
    await writeFile(at("store.json"), JSON.stringify({ fingerprint: "somebody else" }));
    const line = await controller.logged("cannot run the target");
    expect(line.error).toMatch(/is another store than before/);
    expect((await store()).accounts).toEqual([]);
  });

  test("lets a second one not write to its state", async () => {
    await write(...inFile({}), person("alice"));
    await start("--init").ready();
    const { code, stderr } = await rollcall("controller", "--listen", "127.0.0.1:0", ...place());
    expect(code).toBe(2);
    expect(stderr).toMatch(/is writing to it/);
  });

  test("approves a hold, and runs at once, when asked over its socket", async () => {
    const limits = { removals: { percent: 0, atLeast: 1, atMost: 1 }, settle: "0s" };
    await write(...inFile({ limits }), person("alice"), person("bob"), person("carol"));
    const controller = start("--init");
    await controller.ready();
    expect((await stat(at("state.db.sock"))).mode & 0o777).toBe(0o600);
    await write(
      person("alice", { lifecycle: { state: "Inactive" } }),
      person("bob", { lifecycle: { state: "Inactive" } }),
    );
    const hold = await waitFor(heldHash, { what: "there is a hold" });
    expect((await account("alice"))?.enabled).toBe(true);
    const answer = await askController(at("state.db"), { do: "approve", hash: hold, by: "charles" });
    expect(answer).toMatchObject({ ok: true, targets: [{ target: "people", done: 4, failed: [] }] });
    expect((await account("alice"))?.enabled).toBe(false);
    expect(await askController(at("state.db"), { do: "approve", hash: "none", by: "charles" })).toEqual({
      ok: false,
      error: expect.stringContaining("no open hold"),
    });
    expect(await askController(at("state.db"), { do: "apply" })).toMatchObject({ ok: true });
  });
});

test("without a controller, nobody answers", async () => {
  expect(await askController(at("state.db"), { do: "apply" })).toBeUndefined();
});
