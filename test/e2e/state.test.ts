import { readFile, rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { company, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall, rollcallOnTerminal } from "../support/rollcall-process.ts";
import type { Manifest } from "../support/world.ts";

async function applied(...more: readonly Manifest[]): Promise<ManifestFolder> {
  return appliedOf(company(), ...more);
}

async function appliedOf(all: readonly Manifest[], ...more: readonly Manifest[]): Promise<ManifestFolder> {
  const place = await ManifestFolder.make(...all, person("alice"), person("bob"), ...more);
  const { code, stderr } = await rollcall("apply", ...place.words, "--init", "--yes");
  expect(code, stderr).toBe(0);
  return place;
}

async function lose(place: ManifestFolder): Promise<void> {
  for (const suffix of ["", "-wal", "-shm", ".lock"])
    await rm(place.at(`state.db${suffix}`), { force: true });
}

/** The Target, and what names it. */
const declaredOfPeople = [
  ["Target", "people"],
  ["AccessProfile", "lab"],
  ["BusinessRole", "research"],
] as const;

describe("the journal", () => {
  test("tells what was done, why, and each value before and after", async () => {
    await using place = await applied();
    await place.write(person("alice", { department: "Sales" }));
    await rollcall("apply", ...place.words, "--yes");
    const { code, stdout } = await rollcall("journal", ...place.stateWords, "--identity", "alice");
    expect(code).toBe(0);
    expect(stdout).toMatch(/create +uid=alice,.*\n.*mail: alice@example.org/);
    expect(stdout).toMatch(/update +uid=alice,.*\n +department: Research → Sales\n +because Target people/);
    expect(stdout).not.toContain("uid=bob");
  });

  test("gives the newest, what is since a time, and JSON lines", async () => {
    await using place = await applied();
    const last = await rollcall("journal", ...place.stateWords, "--last", "1", "-o", "json");
    expect(last.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(last.stdout)).toMatchObject({ target: "people", result: "Done" });
    expect((await rollcall("journal", ...place.stateWords, "--since", "2h")).stdout).toContain("uid=bob");
    expect((await rollcall("journal", ...place.stateWords, "--since", "2099-01-01")).stdout).toBe("");
    const wrong = await rollcall("journal", ...place.stateWords, "--since", "yesterday");
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--since must be 30m, 2h or 7d"),
    });
  });
});

describe("the state", () => {
  test("is shown and exported", async () => {
    await using place = await applied();
    const info = JSON.parse((await rollcall("state", "info", ...place.words, "-o", "json")).stdout);
    expect(info).toMatchObject({ realm: "default", counts: { links: 2, holdings: 2 } });
    const { stdout } = await rollcall("state", "export", ...place.words);
    expect(JSON.parse(stdout.split("\n")[0]!)).toMatchObject({ format: "rollcall-state", id: info.id });
    expect(stdout).toContain('{"table":"links","item":{"target":"people","identity":"alice"');
  });

  test("keeps whose accounts a deleted Target had for as long as nobody has it forgotten", async () => {
    await using place = await appliedOf(company({ limits: { settle: "0s" } }));
    const early = await rollcall("state", "forget", "people", ...place.words, "--yes");
    expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining("delete it there first") });
    for (const [kind, name] of declaredOfPeople) await place.remove(kind, name);
    const remains = "its manifest is gone: its 2 accounts stay as they are, and linked should it come back\n";
    const planned = await rollcall("plan", ...place.words);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining(remains) });
    const status = await rollcall("status", ...place.words);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining(remains) });
    expect(status.stderr).toContain("To have it forgotten: rollcall state forget people -f ");
    const before = await place.store();
    const unasked = await rollcall("state", "forget", "people", ...place.words);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("say --yes") });
    const forgot = await rollcall("state", "forget", "people", ...place.words, "--yes", "-o", "json");
    expect(forgot.code, forgot.stderr).toBe(0);
    expect(JSON.parse(forgot.stdout)).toEqual({ target: "people", unlinked: 2 });
    expect(await place.store()).toEqual(before);
    for (const command of ["plan", "status"])
      expect(await rollcall(command, ...place.words)).toMatchObject({
        code: 0,
        stdout: expect.not.stringContaining("people"),
      });
    const { stdout } = await rollcall("journal", ...place.stateWords, "--last", "2");
    expect(stdout).toMatch(/forget +uid=(alice|bob),/);
    expect(stdout).toContain("forgot Target people");
    await place.write(...company());
    const back = await rollcall("plan", ...place.words);
    expect(back.stdout).toContain("Plan: 4 adopts.");
  });

  test("forgets nothing at once that is only missed, unless a person answers for it", async () => {
    await using place = await applied();
    await using other = await ManifestFolder.make(...company().filter(({ kind }) => kind === "Store"));
    const words = ["state", "forget", "people", "-f", other.at("manifests"), "--state", place.at("state.db")];
    const wrong = await rollcall(...words, "--yes");
    expect(wrong).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("limits.settle: 30s"),
    });
    expect((await rollcall("plan", ...place.words)).stdout).toContain("Plan: nothing to do.");
    const question = "Forget whose 2 accounts of Target people are?";
    const no = await rollcallOnTerminal(words, question, "no\n");
    expect(no).toMatchObject({ code: 2, shown: expect.stringContaining("Nothing was changed.") });
    const yes = await rollcallOnTerminal(words, question, "yes\n");
    expect(yes).toMatchObject({
      code: 0,
      shown: expect.stringContaining("2 accounts not linked any longer"),
    });
  });

  test("of another realm is refused", async () => {
    await using place = await applied();
    const file = place.at("manifests/Identity-alice.yaml");
    await using other = await ManifestFolder.make();
    const text = await readFile(file, "utf8");
    await other.writeFile(
      "manifests/alice.yaml",
      text.replace("name: alice", "name: alice\n  namespace: elsewhere"),
    );
    const words = [...other.words, "--state", place.at("state.db")];
    const { code, stderr } = await rollcall("status", ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/belongs to realm default, not to elsewhere/);
  });
});

describe("a lost state", () => {
  test("is noticed: nothing is written without one", async () => {
    await using place = await applied();
    await lose(place);
    const { code, stderr } = await rollcall("apply", ...place.words, "--yes");
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot find a state/);
  });

  test("is made anew: what is there is linked, no store is changed, and the next plan is empty", async () => {
    await using place = await applied();
    const before = await readFile(place.at("store.json"), "utf8");
    await lose(place);
    const { code, stdout, stderr } = await rollcall("state", "rebuild", ...place.words, "--yes");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/adopt +uid=alice/);
    expect(await readFile(place.at("store.json"), "utf8")).toBe(before);
    const plan = await rollcall("plan", ...place.words);
    expect(plan.code, plan.stdout).toBe(0);
  });

  test("is made anew by names where no rule matches, and for targets that never adopt by themselves", async () => {
    const accounts = (company()[1]!.spec as { accounts: object }).accounts;
    const [, target] = company({ accounts: { ...accounts, match: [], adopt: "Never" } });
    await using place = await applied(target!);
    await lose(place);
    const { code, stderr } = await rollcall("state", "rebuild", ...place.words, "--yes");
    expect(code, stderr).toBe(0);
    expect((await rollcall("plan", ...place.words)).code).toBe(0);
  });

  test("removes nothing: an account that nobody explains any more stays as it is", async () => {
    await using place = await applied();
    await lose(place);
    await place.remove("Identity", "bob");
    await rollcall("state", "rebuild", ...place.words, "--yes");
    await rollcall("apply", ...place.words, "--yes");
    expect((await place.account("bob"))?.enabled).toBe(true);
  });

  test("is not made anew over one that is there", async () => {
    await using place = await applied();
    const { code, stderr } = await rollcall("state", "rebuild", ...place.words, "--yes");
    expect(code).toBe(2);
    expect(stderr).toMatch(/rebuild is for one that was lost/);
  });

  test("is not made by halves: with a store that cannot be read, nothing is", async () => {
    await using place = await applied();
    await lose(place);
    await rm(place.at("store.json"));
    expect((await rollcall("state", "rebuild", ...place.words, "--yes")).code).toBe(2);
    expect((await rollcall("state", "info", ...place.words)).stderr).toMatch(/cannot find a state/);
  });
});
