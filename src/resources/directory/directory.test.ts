import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import { waitFor } from "../../../test/support/wait.ts";
import { directory } from "./directory.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder("directory");
});
afterEach(() => folder.remove());

describe("reading a folder", () => {
  test("finds manifests in YAML and JSON, at any depth, several in a file, in lists", async () => {
    await put("alice.yaml", person("alice"));
    await put("more/deep/two.yml", `${person("bob")}---\n${person("carol")}`);
    await put(
      "dave.json",
      JSON.stringify({ ...object("dave"), metadata: { name: "dave", namespace: "acme" } }),
    );
    await put("list.yaml", `kind: List\napiVersion: v1\nitems: [${JSON.stringify(object("erin"))}]`);
    const { resources, problems, complete, realm } = await read();
    expect(resources.map(({ name }) => name).sort()).toEqual(["alice", "bob", "carol", "dave", "erin"]);
    expect({ problems, complete, realm }).toEqual({ problems: [], complete: { ok: true }, realm: "acme" });
  });

  test("says at which line an object begins", async () => {
    await put("two.yaml", `# Everybody\n\n${person("alice")}---\n# Bob\n${person("bob")}`);
    const { resources } = await read();
    expect(resources.map(({ location }) => location)).toEqual([
      { file: "two.yaml", line: 3 },
      { file: "two.yaml", line: 10 },
    ]);
  });

  test("leaves alone what is hidden, has another API version, or is no manifest at all", async () => {
    await put(".hidden/alice.yaml", person("alice"));
    await put("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {}\n");
    await put("values.yaml", "replicas: 3\n");
    await put("notes.txt", "kind: Identity");
    await put("empty.yaml", "# nothing yet\n---\n");
    expect(await read()).toMatchObject({ resources: [], problems: [], complete: { ok: true } });
  });

  test("reports every fault with the line of its field, and reads on", async () => {
    await put("a.yaml", `${person("alice")}  title: 7\n  departement: x\n---\n${person("bob")}`);
    const { resources, problems, invalid, complete } = await read();
    expect(resources.map(({ name }) => name)).toEqual(["bob"]);
    expect(problems).toMatchObject([
      { name: "alice", field: "spec.title", location: { file: "a.yaml", line: 6 } },
      { name: "alice", field: "spec.departement", location: { file: "a.yaml", line: 7 } },
    ]);
    expect([...invalid.keys()]).toEqual(["Identity/alice"]);
    expect(complete).toEqual({ ok: true });
  });

  test("takes neither of two objects of one name", async () => {
    await put("a.yaml", person("alice"));
    await put("b.yaml", person("alice"));
    const { resources, invalid, problems } = await read();
    expect(resources).toEqual([]);
    expect([...invalid.keys()]).toEqual(["Identity/alice"]);
    expect(problems.map(({ message }) => message)).toEqual([
      "is declared twice, also at b.yaml:1: keep one",
      "is declared twice, also at a.yaml:1: keep one",
    ]);
  });

  test("gives an object the same digest for as long as its text is the same, wherever it stands", async () => {
    await put("a.yaml", `${person("alice")}---\n${person("bob")}`);
    const before = await digests();
    await put("a.yaml", `${person("zoe")}---\n${person("bob")}`);
    const after = await digests();
    expect(after.get("bob")).toBe(before.get("bob"));
    await put("a.yaml", `${person("zoe")}---\n${person("bob")}  title: Boss\n`);
    expect((await digests()).get("bob")).not.toBe(before.get("bob"));
  });

  test("gives the same revision for the same files, and another for others", async () => {
    await put("a.yaml", person("alice"));
    const { revision } = await read();
    expect(revision).toMatch(/^digest:[0-9a-f]{16}$/);
    expect((await read()).revision).toBe(revision);
    await put("a.yaml", person("bob"));
    expect((await read()).revision).not.toBe(revision);
  });
});

describe("a reading is not complete", () => {
  const refused: [string, string, () => Promise<unknown>][] = [
    ["a file that is no YAML", "a.yaml:1 cannot be read as YAML", () => put("a.yaml", "kind: [Identity")],
    ["a key given twice", "a.yaml:2 cannot be read as YAML", () => put("a.yaml", "kind: A\nkind: B\n")],
    ["a tag of its own", "Unresolved tag", () => put("a.yaml", "kind: !ref Identity\n")],
    ["aliases without end", "Excessive alias count", () => put("a.yaml", aliasBomb())],
    [
      "nesting without end",
      "a.yaml:1 cannot be read as YAML",
      () => put("a.yaml", `a: ${"[".repeat(100_000)}`),
    ],
    [
      "a file too large",
      "a.yaml is larger than 10 MB",
      () => put("a.yaml", `# ${"x".repeat(10 * 1024 * 1024)}`),
    ],
    ["a link out of the folder", "is a link that leads out", () => symlink("/etc/hosts", path("hosts.yaml"))],
    ["a pipe", "is not a regular file", async () => execFileSync("mkfifo", [path("a.yaml")])],
    ["a link to nowhere", "a.yaml cannot be read: ENOENT", () => symlink("nowhere.yaml", path("a.yaml"))],
    ["a link to a folder", "is a link to a folder", () => symlink(".", path("again"))],
    ["an object without a name", "does not say which object it is", () => put("a.yaml", person("''"))],
    [
      "a kind that does not exist",
      "kind must be one of",
      () => put("a.yaml", person("x").replace("Identity", "Idenity")),
    ],
    ["a folder that is gone", "the folder cannot be read: ENOENT", () => folder.remove()],
    [
      "two namespaces",
      "objects of 2 namespaces are mixed",
      () => put("a.yaml", `${person("a", "acme")}---\n${person("b", "evil")}`),
    ],
  ];

  test.each(refused)("with %s", async (_, reason, make) => {
    await put("alice.yaml", person("carol"));
    await make();
    const { complete, problems } = await read();
    expect(complete).toEqual({ ok: false, reason: expect.stringContaining(reason) });
    expect(problems.length).toBeGreaterThan(0);
  });

  test("while its files keep changing", async () => {
    await put("a.yaml", person("alice"));
    // At each turn of the event loop, and by its size: two looks always show another file, however slow the disk and coarse its clock.
    let writing = setImmediate(function write() {
      appendFileSync(path("a.yaml"), "#\n");
      writing = setImmediate(write);
    });
    const { complete } = await directory(folder.path, [], { quietFor: 20, patience: 100 }).read();
    clearImmediate(writing);
    expect(complete).toEqual({ ok: false, reason: "its files keep changing" });
  });
});

describe("in a Git repository", () => {
  beforeEach(async () => {
    git("init", "-q");
    await put("people/alice.yaml", person("alice"));
    await put("readme.md", "Hello");
    git("add", ".");
    git("-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "First");
  });

  test("the revision is the commit", async () => {
    expect((await readPeople()).revision).toBe(head());
  });

  test("the revision says that the folder differs from the commit", async () => {
    await put("people/bob.yaml", person("bob"));
    expect((await readPeople()).revision).toBe(`${head()}-dirty`);
  });

  test("changes outside of the folder do not matter", async () => {
    await put("readme.md", "Changed");
    expect((await readPeople()).revision).toBe(head());
  });

  test.each(["index.lock", "MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply"])(
    "%s makes a reading incomplete",
    async (name) => {
      await put(`.git/${name}`, "");
      const { complete, resources } = await readPeople();
      expect(complete).toEqual({ ok: false, reason: expect.stringContaining(name) });
      expect(resources).toHaveLength(1);
    },
  );

  test("a reading waits for a Git command to end", async () => {
    await put(".git/index.lock", "");
    const reading = directory(path("people"), [], { patience: 60_000 }).read();
    await rm(path(".git/index.lock"));
    expect((await reading).complete).toEqual({ ok: true });
  });

  const readPeople = () => directory(path("people"), [], { quietFor: 5, patience: 30 }).read();
  const head = () => git("rev-parse", "HEAD").trim();
  const git = (...args: string[]) => execFileSync("git", ["-C", folder.path, ...args], { encoding: "utf8" });
});

describe("watching a folder", () => {
  const cases: [string, () => Promise<unknown>, readonly string[]][] = [
    ["a file that changes", () => put("a/one.yaml", person("alicia")), ["alicia", "bob"]],
    ["a file that comes", () => put("a/three.yaml", person("carol")), ["alice", "bob", "carol"]],
    ["a file that goes", () => rm(path("a/one.yaml")), ["bob"]],
    ["a file that is replaced by renaming", () => replace("a/one.yaml", person("alicia")), ["alicia", "bob"]],
    ["a new folder", () => put("c/d/e.yaml", person("carol")), ["alice", "bob", "carol"]],
    ["a folder that goes", () => rm(path("a"), { recursive: true }), ["bob"]],
    ["a folder that is renamed", () => rename(path("a"), path("z")), ["alice", "bob"]],
  ];

  test.each(cases)("notices %s", async (_, change, expected) => {
    await put("a/one.yaml", person("alice"));
    await put("b/two.yaml", person("bob"));
    await whileWatched(async (names) => {
      expect(await names()).toEqual(["alice", "bob"]);
      await change();
      await waitFor(async () => (await names()).join() === expected.join(), { what: "the change is read" });
    });
  });

  test("notices a change in a folder that came after it began", async () => {
    await put("a/one.yaml", person("alice"));
    await whileWatched(async (names) => {
      await put("new/two.yaml", person("bob"));
      await waitFor(async () => (await names()).length === 2);
      await put("new/two.yaml", person("carol"));
      await waitFor(async () => (await names()).join() === "alice,carol");
    });
  });

  test("notices that the folder is another one now", async () => {
    const checkout = join(folder.path, "current");
    await put("v1/one.yaml", person("alice"));
    await put("v2/one.yaml", person("bob"));
    await symlink("v1", checkout);
    await whileWatched(async (names) => {
      expect(await names()).toEqual(["alice"]);
      await symlink("v2", `${checkout}.new`);
      await rename(`${checkout}.new`, checkout);
      await waitFor(async () => (await names()).join() === "bob");
    }, checkout);
  });

  test("gives the same objects again for files that have not changed", async () => {
    await put("one.yaml", person("alice"));
    await put("two.yaml", person("bob"));
    const resources = directory(folder.path, [], { quietFor: 5 });
    const [alice] = (await resources.read()).resources;
    await put("two.yaml", person("carol"));
    const after = (await resources.read()).resources;
    expect(after).toHaveLength(2);
    expect(after).toContain(alice);
  });
});

async function whileWatched(body: (names: () => Promise<string[]>) => Promise<void>, place = folder.path) {
  const resources = directory(place, [], { quietFor: 5 });
  const stop = new AbortController();
  let called = true;
  let last: string[] = [];
  await resources.watch(() => {
    called = true;
  }, stop.signal);
  // As the engine does: it reads when it was called, and only then.
  const names = async () => {
    if (!called) return last;
    called = false;
    last = (await resources.read()).resources.map(({ name }) => name).sort();
    return last;
  };
  await body(names);
  stop.abort();
}

function read() {
  return directory(folder.path, [], { quietFor: 5 }).read();
}

async function digests() {
  return new Map((await read()).resources.map(({ name, digest }) => [name, digest]));
}

function path(name: string): string {
  return join(folder.path, name);
}

async function put(name: string, text: string): Promise<void> {
  await mkdir(dirname(path(name)), { recursive: true });
  await writeFile(path(name), text);
}

async function replace(name: string, text: string): Promise<void> {
  await put(`${name}.new`, text);
  await rename(path(`${name}.new`), path(name));
}

function object(name: string) {
  return {
    apiVersion: "rollcall.dev/v1alpha1",
    kind: "Identity",
    metadata: { name },
    spec: { userName: name },
  };
}

function person(name: string, namespace?: string): string {
  const metadata =
    namespace === undefined ? `{ name: ${name} }` : `{ name: ${name}, namespace: ${namespace} }`;
  return `apiVersion: rollcall.dev/v1alpha1\nkind: Identity\nmetadata: ${metadata}\nspec:\n  userName: ${name}\n`;
}

function aliasBomb(): string {
  const levels = Array.from({ length: 8 }, (_, level) => {
    const below = level === 0 ? "x" : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array.from({ length: 9 }, () => below).join(", ")}]`;
  });
  return `${levels.join("\n")}\n`;
}
