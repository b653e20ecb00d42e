import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { company, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const run = promisify(execFile);

async function git(place: ManifestFolder, ...words: readonly string[]): Promise<void> {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
  await run("git", ["-C", place.at("."), ...who, ...words]);
}

/** A folder whose manifests are committed; the repository is the folder above. */
async function committed(): Promise<ManifestFolder> {
  const place = await ManifestFolder.make(...company(), person("alice"), person("bob"), person("carol"));
  await git(place, "init", "-q");
  await git(place, "add", "manifests");
  await git(place, "commit", "-qm", "first");
  return place;
}

const planBase = (place: ManifestFolder, base: string, ...words: readonly string[]) =>
  rollcall("plan", "-f", place.at("manifests"), "--base", base, ...words);

test("nothing is gained or lost where nothing was edited, and no store or state is needed", async () => {
  await using place = await committed();
  const { code, stdout } = await planBase(place, "HEAD");
  expect(stdout).toContain("Nobody gains or loses access.");
  expect(code).toBe(0);
});

test("who gains and who loses what is grouped by its cause", async () => {
  await using place = await committed();
  await place.write(person("alice", { department: "Sales" }), person("dave"), {
    kind: "AccessProfile",
    name: "lab",
    spec: { target: { name: "people" }, entitlements: [{ name: "lab", ensure: true }, { name: "db" }] },
  });
  await place.remove("Identity", "carol");
  const { code, stdout } = await planBase(place, "HEAD", "-o", "json");
  expect(code).toBe(1);
  const { groups, objects } = JSON.parse(stdout);
  expect(objects).toEqual({
    added: ["Identity/dave"],
    changed: expect.arrayContaining(["AccessProfile/lab", "Identity/alice"]),
    removed: ["Identity/carol"],
  });
  const told = groups.map((group: Record<string, unknown>) => [
    group.change,
    group.entitlement ?? "account",
    group.identities,
    group.edited,
  ]);
  expect(told).toContainEqual(["Lost", "lab", ["alice"], ["AccessProfile/lab", "Identity"]]);
  expect(told).toContainEqual(["Lost", "account", ["carol"], ["AccessProfile/lab", "Identity"]]);
  expect(told).toContainEqual(["Gained", "db", ["bob"], ["AccessProfile/lab"]]);
  expect(told).toContainEqual(["Gained", "account", ["dave"], ["AccessProfile/lab", "Identity"]]);
  const text = (await planBase(place, "HEAD")).stdout;
  expect(text).toContain("+ db in people: bob\n      because BusinessRole research");
  expect(text).toContain("2 gain access, 2 lose access.");
  expect((await planBase(place, "HEAD", "-o", "markdown")).stdout).toContain(
    "| Gained | db in people | bob |",
  );
});

test("what cannot be told is said, and is neither gained nor lost", async () => {
  await using place = await committed();
  await place.write({
    kind: "BusinessRole",
    name: "research",
    spec: { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "gone" }] },
  });
  const { code, stdout } = await planBase(place, "HEAD", "-o", "json");
  expect(code).toBe(2);
  const { groups, unknown } = JSON.parse(stdout);
  expect(groups).toEqual([]);
  expect(unknown).toMatchObject([
    { identities: ["alice", "bob", "carol"], reason: expect.stringContaining("AccessProfile/gone") },
  ]);
});

test("a revision that Git does not know is refused, one that looks like an option too", async () => {
  await using place = await committed();
  for (const base of ["nowhere", "--output=x"]) {
    const { code, stderr } = await planBase(place, base);
    expect(code).toBe(2);
    expect(stderr).toContain("Git knows no revision");
  }
});

test("a link in the repository is not followed out of it", async () => {
  await using place = await committed();
  await place.writeFile("secret.yaml", "kind: Identity");
  await symlink("../secret.yaml", place.at("manifests/link.yaml"));
  await git(place, "add", "manifests");
  await git(place, "commit", "-qm", "link");
  expect((await planBase(place, "HEAD", "-o", "json")).stdout).toContain('"added": []');
});
