import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { apply, makeFiles, newMail } from "../../../test/support/file-store.ts";
import { csvConnector } from "../csv/csv.ts";
import { lockFile } from "./lock.ts";

const people = "login,mail\nalice,1\n";

/** The number of a process that is gone. */
async function gone(): Promise<number> {
  const child = spawn("true");
  await once(child, "close");
  return child.pid!;
}

describe("a lock", () => {
  it("of somebody else keeps a file as it is, says who holds it, and what to do", async () => {
    await using files = await makeFiles({ people, ".people.lock": "4711 build-host 1\n" });
    const [outcome] = await apply(files.connect(csvConnector, { file: "people" }), newMail("alice", "2"));
    expect(outcome).toMatchObject({
      ok: false,
      error: {
        kind: "Retryable",
        message: expect.stringMatching(
          /process 4711 on build-host is writing it; take .*\.people\.lock away if/,
        ),
      },
    });
    expect(await files.read("people")).toBe(people);
    expect(await files.read(".people.lock")).toBe("4711 build-host 1\n");
  });

  it("that is empty, as another program may make it, is somebody's", async () => {
    await using files = await makeFiles({ people: "login,mail\nalice,1\n", ".people.lock": "" });
    const connector = files.connect(csvConnector, { file: "people" });
    expect(await apply(connector, newMail("alice", "x"))).toMatchObject([
      { error: { kind: "Retryable", message: /cannot write people: somebody is writing it; take / } },
    ]);
  });

  it("of a living process on this host is kept, however that began", async () => {
    await using files = await makeFiles({ people, ".people.lock": `${process.ppid} ${hostname()} 1\n` });
    const [outcome] = await apply(files.connect(csvConnector, { file: "people" }), newMail("alice", "2"));
    expect(outcome).toMatchObject({ ok: false, error: { kind: "Retryable" } });
  });

  const left: Readonly<Record<string, () => Promise<string>>> = {
    "a process of this host that is gone": async () => `${await gone()} ${hostname()} 1\n`,
    "a former process of our own number, as in a container": async () => `${process.pid} ${hostname()} 1\n`,
  };
  for (const [who, text] of Object.entries(left)) {
    it(`that ${who} left behind is taken over, with the half file beside it`, async () => {
      await using files = await makeFiles({
        people,
        ".people.lock": await text(),
        ".people.rollcall": "login,ma",
      });
      const [outcome] = await apply(files.connect(csvConnector, { file: "people" }), newMail("alice", "2"));
      expect(outcome).toMatchObject({ ok: true });
      expect(await files.read("people")).toBe("login,mail\nalice,2\n");
      expect(await readdir(files.folder)).toEqual(["people"]);
    });
  }

  it("that any host left behind is taken over after ten minutes", async () => {
    await using files = await makeFiles({ people });
    await writeFile(files.at(".people.lock"), "4711 build-host 1\n");
    const then = Date.now() / 1_000 - 601;
    await utimes(files.at(".people.lock"), then, then);
    const [outcome] = await apply(files.connect(csvConnector, { file: "people" }), newMail("alice", "2"));
    expect(outcome).toMatchObject({ ok: true });
    expect(await readdir(files.folder)).toEqual(["people"]);
  });

  it("that several take over at once is one's alone, though they are of one process", async () => {
    await using files = await makeFiles({ people });
    const lock = () => lockFile({ name: "people", path: files.at("people") });
    const then = Date.now() / 1_000 - 601;
    // Whether two of them meet is chance: in one round of four they did.
    for (let round = 0; round < 50; round++) {
      await writeFile(files.at(".people.lock"), "4711 build-host 1\n");
      await utimes(files.at(".people.lock"), then, then);
      const tries = await Promise.allSettled(Array.from({ length: 10 }, lock));
      const locks = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      const checks = await Promise.allSettled(locks.map((each) => each.check()));
      expect(checks.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      await Promise.all(locks.map((each) => each.release()));
      expect(await readdir(files.folder)).toEqual(["people"]);
    }
  });

  it("lets two connections of one process write one after the other, and nothing is lost", async () => {
    await using files = await makeFiles({ people: "login,mail\nalice,1\nbob,2\n" });
    const write = async (name: string): Promise<void> => {
      const connector = files.connect(csvConnector, { file: "people" });
      const [outcome] = await apply(connector, newMail(name, "new"));
      if (outcome?.ok) return;
      expect(outcome).toMatchObject({ error: { kind: "Retryable" } });
      await write(name);
    };
    await Promise.all([write("alice"), write("bob")]);
    expect(await files.read("people")).toBe("login,mail\nalice,new\nbob,new\n");
  });
});
