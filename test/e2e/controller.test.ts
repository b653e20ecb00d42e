import { stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askController } from "../../src/cli/controller-client.ts";
import { openState } from "../../src/state/open.ts";
import { company, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { ControllerProcess, rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";

let place: ManifestFolder;
const running: ControllerProcess[] = [];

beforeEach(async () => {
  place = await ManifestFolder.make();
});

afterEach(async () => {
  for (const controller of running.splice(0)) await controller.end("SIGKILL");
  await place[Symbol.asyncDispose]();
});

function start(...words: string[]): ControllerProcess {
  const controller = new ControllerProcess(...place.words, ...words);
  running.push(controller);
  return controller;
}

async function heldHash(): Promise<string | undefined> {
  const state = await openState(place.at("state.db"), { realm: "default", mode: "read" });
  try {
    return (await state.holds())[0]?.hash;
  } finally {
    await state.close();
  }
}

const becomes = (uid: string, attribute: string, value: string) =>
  waitFor(async () => (await place.account(uid))?.attributes[attribute]?.[0] === value, {
    what: `${attribute} of ${uid} is ${value}`,
  });

describe("a running controller", () => {
  test("applies what is edited in the folder, and serves what it does", async () => {
    await place.write(...company({}), person("alice"));
    const controller = start("--init");
    const url = await controller.ready();
    await becomes("alice", "department", "Research");

    await place.write(person("alice", { department: "Sales" }), person("bob"));
    await becomes("alice", "department", "Sales");
    await becomes("bob", "department", "Research");

    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const metrics = await waitFor(async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.includes('rollcall_accounts{realm="default",target="people",state="Enabled"} 2') && text;
    });
    expect(metrics).toContain(
      'rollcall_changes_total{realm="default",target="people",action="Create",result="Done",by="Rollcall"} 3',
    );
    expect(metrics).toContain('rollcall_store_up{realm="default",store="directory"} 1');
    expect(metrics).toMatch(
      /rollcall_store_calls_total\{realm="default",store="directory",call="apply",status="ok"\} \d/,
    );
    expect(metrics).toContain('rollcall_manifests_complete{realm="default"} 1');
    expect(metrics).not.toMatch(/alice|bob/);
  });

  test("repairs what somebody else changed in the store, on its schedule", async () => {
    await place.write(...company({ schedule: { every: "200ms" } }), person("alice"));
    await start("--init").ready();
    await becomes("alice", "department", "Research");
    const tampered = await place.store();
    for (const { attributes } of tampered.accounts) attributes.department = ["Mallory"];
    await place.writeStore({ ...tampered });
    await becomes("alice", "department", "Research");
  });

  test("disables whom a manifest no longer names once that has settled", async () => {
    await place.write(...company({ limits: { settle: "300ms" } }), person("alice"), person("bob"));
    await start("--init").ready();
    await becomes("alice", "department", "Research");
    await place.remove("Identity", "alice");
    await waitFor(async () => (await place.account("alice"))?.enabled === false);
    expect((await place.account("bob"))?.enabled).toBe(true);
  });

  test("goes on after it was killed, and stops in order when asked to", async () => {
    await place.write(...company({}), person("alice"));
    const first = start("--init");
    await first.ready();
    await becomes("alice", "department", "Research");
    await first.end("SIGKILL");
    await place.write(person("alice", { department: "Sales" }));
    const second = start();
    await second.ready();
    await becomes("alice", "department", "Sales");
    expect((await place.store()).accounts).toHaveLength(1);
    expect(await second.end("SIGTERM")).toBe(0);
    await expect(stat(place.at("state.db.sock"))).rejects.toThrow("ENOENT");
  });

  test("does not start without a state unless it may make one", async () => {
    await place.write(...company({}), person("alice"));
    const { code, stderr } = await rollcall("controller", ...place.words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot find a state at .*add --init/);
  });

  test("refuses another server in its store's place", async () => {
    await place.write(...company({ schedule: { every: "200ms" } }), person("alice"));
    const controller = start("--init");
    await controller.ready();
    await becomes("alice", "department", "Research");
    await place.writeStore({ fingerprint: "somebody else", accounts: [] });
    const line = await controller.logged("cannot run the target");
    expect(line.error).toMatch(/is another store than before/);
    expect((await place.store()).accounts).toEqual([]);
  });

  test("lets a second one not write to its state", async () => {
    await place.write(...company({}), person("alice"));
    await start("--init").ready();
    const { code, stderr } = await rollcall("controller", "--listen", "127.0.0.1:0", ...place.words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is writing to it/);
  });

  test("approves a hold, and runs at once, when asked over its socket", async () => {
    const limits = { removals: { percent: 0, atLeast: 0, atMost: 0 }, settle: "0s" };
    await place.write(...company({ limits }), person("alice"));
    const controller = start("--init");
    await controller.ready();
    expect((await stat(place.at("state.db.sock"))).mode & 0o777).toBe(0o600);
    await place.write(person("alice", { lifecycle: { state: "Inactive" } }));
    const hold = await waitFor(heldHash, { what: "there is a hold" });
    expect((await place.account("alice"))?.enabled).toBe(true);
    const answer = await askController(place.at("state.db"), { do: "approve", hash: hold, by: "charles" });
    expect(answer).toMatchObject({ ok: true, targets: [{ target: "people", done: 2, failed: [] }] });
    expect((await place.account("alice"))?.enabled).toBe(false);
    expect(await askController(place.at("state.db"), { do: "approve", hash: "none", by: "charles" })).toEqual(
      {
        ok: false,
        error: expect.stringContaining("no open hold"),
      },
    );
    expect(await askController(place.at("state.db"), { do: "apply" })).toMatchObject({ ok: true });
  });
});

test("without a controller, nobody answers", async () => {
  expect(await askController(place.at("state.db"), { do: "apply" })).toBeUndefined();
});
