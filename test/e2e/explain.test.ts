import { expect, test } from "vitest";
import { company, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

test("explain tells people and programs why, and what would be if", async () => {
  await using place = await ManifestFolder.make(...company(), person("alice"));
  await rollcall("apply", ...place.words, "--init", "--yes");
  const told = await rollcall("explain", "alice", ...place.words, "--if", "department=Sales");
  expect(told.code).toBe(0);
  expect(told.stdout).toContain("because BusinessRole research (members.when) → AccessProfile lab");
  expect(told.stdout).toContain("from primary(identity.emails)");
  expect(told.stdout).toMatch(/If department=Sales:\n {2}- lab in people: BusinessRole research/);
  const { stdout } = await rollcall("explain", "alice", ...place.words, "-o", "json");
  expect(JSON.parse(stdout)).toMatchObject({
    format: "rollcall.dev/explanation/v1",
    identity: { name: "alice", active: true },
    targets: [{ target: "people", account: "Yes", entitlements: [{ name: "lab", state: "Granted" }] }],
  });
});

test("explain succeeds where a target is suspended, and fails where its store should be asked and cannot", async () => {
  await using place = await ManifestFolder.make(...company({ suspend: true }), person("alice"));
  const told = await rollcall("explain", "alice", ...place.words);
  expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining("not asked: it is suspended\n") });
  await place.write(...company({ store: { name: "nowhere" } }));
  const lost = await rollcall("explain", "alice", ...place.words);
  expect(lost).toMatchObject({ code: 2, stdout: expect.stringContaining("Store/nowhere does not exist") });
});

test.each([
  ["nobody", [], /no Identity "nobody"/],
  ["alicia", [], /did you mean "?alice/i],
  ["alice", ["--if", "departement=Sales"], /does not have.*department/],
  ["alice", ["--if", "department"], /FIELD=VALUE/],
  ["alice", ["--if", "id=other"], /for good/],
])("explain %s %j says what is wrong", async (identity, words, message) => {
  await using place = await ManifestFolder.make(...company(), person("alice"));
  const { code, stderr } = await rollcall("explain", identity, ...place.words, ...words);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
