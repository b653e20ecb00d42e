import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { company } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const dn = (uid: string) => `uid=${uid},ou=people,dc=example,dc=org`;
const account = (uid: string, more: Record<string, string[]> = {}, enabled = true) => ({
  anchor: `a-${uid}`,
  name: dn(uid),
  enabled,
  attributes: {
    mail: [`${uid}@example.org`],
    employeeNumber: [`E-${uid}`],
    department: ["Research"],
    ...more,
  },
});

/** A store that was filled by hand, and a target of it that nobody has used yet. */
async function filled(target: Record<string, unknown> = {}): Promise<ManifestFolder> {
  const [store, people] = company(target);
  const place = await ManifestFolder.make(store!, people!);
  await place.writeStore({
    accounts: [
      account("ada"),
      account("grace", { department: ["Sales"] }),
      account("zoë"),
      account("left", {}, false),
    ],
    entitlements: [
      { anchor: "g1", name: "lab", attributes: {}, members: ["a-ada", "a-zoë", "a-left"] },
      { anchor: "g2", name: "empty", attributes: {}, members: [] },
    ],
  });
  return place;
}

const importTo = (place: ManifestFolder, ...words: readonly string[]) =>
  rollcall("import", "directory", ...place.words, "--to", place.at("manifests/imported"), ...words);

test("after the links that its plan shows are made, the plan of what was imported is empty", async () => {
  await using place = await filled();
  const told = await importTo(place);
  expect(told.stdout, told.stderr).toContain("Nothing else would change.");
  expect(told.code).toBe(0);
  const before = await readFile(place.at("store.json"), "utf8");
  const valid = await rollcall("validate", "-f", place.at("manifests"));
  expect(valid.code, valid.stdout).toBe(0);
  await rollcall("apply", ...place.words, "--init", "--yes");
  const plan = await rollcall("plan", ...place.words, "-o", "json");
  const [hash] = [JSON.parse(plan.stdout).hash];
  const applied = await rollcall("apply", ...place.words, "--plan", hash);
  expect(applied.stdout, applied.stderr).toContain("adopt");
  expect((await rollcall("plan", ...place.words)).code).toBe(0);
  expect(await readFile(place.at("store.json"), "utf8")).toBe(before);
});

test("identities, a profile for each group that somebody is in, and a grant for each membership are written", async () => {
  await using place = await filled();
  const { stdout } = await importTo(place, "-o", "json");
  expect(JSON.parse(stdout)).toMatchObject({
    written: { Identity: 4, AccessProfile: 1, Grant: 2 },
    links: 3,
    memberships: 2,
    disabled: 1,
    changes: [],
  });
  const identities = await readFile(place.at("manifests/imported/identities.yaml"), "utf8");
  expect(identities).toMatch(/name: zoe\n.*\n\s+userName: zoë/s);
  expect(identities).toContain("userType: Employee");
});

test("accounts that no rule would match are named by their anchors", async () => {
  await using place = await filled();
  const accounts = (company()[1]!.spec as { accounts: object }).accounts;
  await place.write(company({ accounts: { ...accounts, match: [] } })[1]!);
  expect((await importTo(place)).code).toBe(0);
  expect(await readFile(place.at("manifests/imported/identities.yaml"), "utf8")).toContain("anchor: a-ada");
});

test("what cannot be mapped is listed and counted", async () => {
  await using place = await filled();
  const accounts = (company()[1]!.spec as { accounts: { attributes: object } }).accounts;
  const attributes = {
    ...accounts.attributes,
    mail: { expression: "identity.userName + '@corp.example.org'" },
  };
  await place.write(company({ accounts: { ...accounts, attributes } })[1]!);
  const { code, stdout } = await importTo(place, "-o", "json");
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ unmapped: { mail: 4 }, changes: [{}, {}, {}] });
});

test("nothing is written over, and a store without a Target is refused", async () => {
  await using place = await filled();
  await importTo(place);
  const again = await importTo(place);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("is there already") });
  await place.remove("Target", "people");
  const without = await rollcall("import", "directory", ...place.words, "--to", place.at("elsewhere"));
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("no Target to be read through") });
});
