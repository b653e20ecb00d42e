import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import type { PasswordDelivery } from "../../core/model/password.ts";
import { writePassword } from "./file.ts";

let folder: Folder;
let root: string;

beforeEach(async () => {
  folder = await makeFolder("passwords");
  root = join(folder.path, "root");
  await mkdir(root, { mode: 0o755 });
});
afterEach(() => folder.remove());

const delivery: PasswordDelivery = {
  ...{ id: "1", password: "First-of-All-1", mustChange: true },
  ...{ target: "people", store: "corp", identity: "ann", account: "uid=ann" },
};
const write = (path: string, of: Partial<PasswordDelivery> = {}, manifests?: string) =>
  writePassword({ root, manifests }, path, { ...delivery, ...of });
const filesIn = async (path: string) =>
  (await readdir(join(root, path))).filter((name) => !name.endsWith(".owner"));
const modeOf = async (path: string) => (await stat(join(root, path))).mode & 0o777;

async function refusal(work: Promise<void>): Promise<{ kind: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "StoreError" });
  const { kind, message } = error as { kind: string; message: string };
  expect(message).not.toContain("of-All");
  return { kind, message };
}

test("a password lies in a file that its owner alone can read, in folders that nobody else can look into", async () => {
  await write("people/2026/ann");
  expect(await readFile(join(root, "people/2026/ann"), "utf8")).toBe("First-of-All-1\n");
  expect(await modeOf("people/2026/ann")).toBe(0o600);
  expect([await modeOf("people"), await modeOf("people/2026")]).toEqual([0o700, 0o700]);
});

test("many at once may all need the same new folder", async () => {
  const names = Array.from({ length: 20 }, (_, n) => `people/2026/${n}`);
  await Promise.all(names.map((name) => write(name, { id: name.replaceAll("/", "-"), identity: name })));
  expect(await filesIn("people/2026")).toHaveLength(20);
});

test("the next one takes its place, and nothing else is left lying about", async () => {
  await write("people/ann");
  await write("people/ann", { password: "Second-of-All-2" });
  expect(await readFile(join(root, "people/ann"), "utf8")).toBe("Second-of-All-2\n");
  expect((await readdir(join(root, "people"))).sort()).toEqual([".ann.owner", "ann"]);
});

describe("of another account", () => {
  test.each([{ identity: "bob" }, { target: "admins" }])(
    "is not overwritten, nor taken where somebody has taken it away: %o",
    async (other) => {
      await write("people/ann");
      const { kind, message } = await refusal(write("people/ann", other));
      expect([kind, message]).toEqual(["Denied", expect.stringContaining("the one of people/ann")]);
      expect(await readFile(join(root, "people/ann"), "utf8")).toBe("First-of-All-1\n");
      await rm(join(root, "people/ann"));
      expect((await refusal(write("people/ann", other))).message).toContain(".ann.owner away");
      await rm(join(root, "people/.ann.owner"));
      await write("people/ann", other);
    },
  );

  test("is told from the others also when they come at the same moment", async () => {
    const all = Array.from({ length: 8 }, (_, n) => write("people/all", { id: `${n}`, identity: `p${n}` }));
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await filesIn("people")).toEqual(["all"]);
  });

  test("and one that somebody else made is left as it is", async () => {
    await mkdir(join(root, "people"), { mode: 0o700 });
    await writeFile(join(root, "people/ann"), "theirs");
    expect((await refusal(write("people/ann"))).message).toContain("not made by Rollcall");
    expect(await readFile(join(root, "people/ann"), "utf8")).toBe("theirs");
  });
});

describe("is refused", () => {
  test.each([
    ["../out", "lies outside"],
    ["/etc/passwd", "lies outside"],
    ["people/../../out", "lies outside"],
    [".", "lies outside"],
    ["ann", "a folder for passwords alone"],
    ["people/.ann.owner", "begins with a dot"],
  ])("a path that leads out: %s", async (path, why) => {
    expect(await refusal(write(path))).toMatchObject({
      kind: "Denied",
      message: expect.stringContaining(why),
    });
  });

  test("a link on the way, and one in the file's place", async () => {
    await mkdir(join(folder.path, "elsewhere"), { mode: 0o700 });
    await symlink(join(folder.path, "elsewhere"), join(root, "people"));
    expect((await refusal(write("people/ann"))).kind).toBe("Denied");
    await mkdir(join(root, "staff"), { mode: 0o700 });
    await symlink(join(folder.path, "victim"), join(root, "staff/ann"));
    await writeFile(join(folder.path, "victim"), "untouched");
    expect((await refusal(write("staff/ann"))).message).toContain("no ordinary file");
    expect(await readFile(join(folder.path, "victim"), "utf8")).toBe("untouched");
    expect(await readdir(join(folder.path, "elsewhere"))).toEqual([]);
  });

  test("a folder that others can look into", async () => {
    await mkdir(join(root, "people"));
    await chmod(join(root, "people"), 0o750);
    expect((await refusal(write("people/ann"))).message).toContain("chmod 700");
    expect(await readdir(join(root, "people"))).toEqual([]);
  });

  test("a folder on the way that others can write to", async () => {
    await mkdir(join(root, "people/2026"), { recursive: true, mode: 0o700 });
    await chmod(join(root, "people"), 0o770);
    expect((await refusal(write("people/2026/ann"))).message).toContain("could lead it elsewhere");
  });

  test("a name that no file can have, of this one alone", async () => {
    expect((await refusal(write(`people/${"a".repeat(300)}`))).kind).toBe("Denied");
    expect((await refusal(write("people/a\0nn"))).kind).toBe("Denied");
  });

  test("the folder of the manifests: it would be committed", async () => {
    const manifests = join(root, "manifests");
    await mkdir(manifests, { mode: 0o700 });
    expect((await refusal(write("manifests/ann", {}, manifests))).message).toContain("would be committed");
  });

  test("any file where the operator has named no root", async () => {
    const files = { root: undefined, manifests: undefined };
    const { message } = await refusal(writePassword(files, "ann", delivery));
    expect(message).toContain("no --root");
  });
});

test("a file in the place of a folder is told, and no password with it", async () => {
  await writeFile(join(root, "people"), "");
  expect((await refusal(write("people/ann"))).kind).toBe("Denied");
});
