import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { ControllerProcess, rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";

const run = promisify(execFile);
const main = new URL("../../src/main.ts", import.meta.url).pathname;
let place: ManifestFolder;

const exported = (spec: Record<string, unknown>, name = "people") => ({
  kind: "Export",
  name,
  spec: {
    target: { name: "people" },
    format: "Csv",
    file: "exports/people.csv",
    columns: [
      { name: "Name", expression: "identity.userName" },
      { name: "Mail", expression: "account.attributes.mail" },
      { name: "Groups", expression: "account.entitlements" },
    ],
    ...spec,
  },
});

const text = (name: string) => readFile(place.at(name), "utf8");
const doExport = (...words: string[]) => rollcall("export", ...place.words, ...words);

beforeEach(async () => {
  place = await ManifestFolder.make(
    ...company({}),
    person("ada", { emails: [{ value: "ada@example.org" }, { value: "a@example.org" }] }),
    person("grace", { department: "Sales" }),
  );
  await mkdir(place.at("exports"));
  const applied = await rollcall("apply", ...place.words, "--init", "--yes");
  expect(applied.code, applied.stderr).toBe(0);
});

afterEach(() => place[Symbol.asyncDispose]());

describe("rollcall export", () => {
  test("writes the files of the Exports, with a checksum that sha256sum finds right", async () => {
    await place.write(
      exported({ checksum: "File", csv: { delimiter: ";" } }),
      exported(
        {
          target: undefined,
          identities: {},
          format: "JsonLines",
          file: "exports/identities.jsonl",
          checksum: "Line",
          columns: [
            { name: "id", expression: "identity.id" },
            { name: "roles", expression: "access.filter(a, a.kind == 'BusinessRole').map(a, a.name)" },
            { name: "accounts", expression: "accounts.map(a, a.name)" },
          ],
        },
        "identities",
      ),
    );
    const told = await doExport();
    expect(told, told.stderr).toMatchObject({ code: 0 });
    expect(told.stdout).toMatch(/^people: 2 rows in exports\/people\.csv, sha256 [0-9a-f]{64}$/m);
    expect(await text("exports/people.csv")).toBe(
      ["Name;Mail;Groups", "ada;ada@example.org;lab", "grace;grace@example.org;", ""].join("\r\n"),
    );
    await run("sha256sum", ["--check", "people.csv.sha256"], { cwd: place.at("exports") });
    const lines = (await text("exports/identities.jsonl")).trim().split("\n");
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
      { id: "ada", roles: ["research"], accounts: [dn("ada")] },
      { id: "grace", roles: [], accounts: [dn("grace")] },
    ]);
    const { stdout } = await run("sh", ["-c", "head -n -1 identities.jsonl | sha256sum"], {
      cwd: place.at("exports"),
    });
    expect(JSON.parse(lines[2]!)).toEqual({ sha256: stdout.split(" ")[0] });
    expect((await readdir(place.at("exports"))).sort()).toEqual([
      ...["identities.jsonl", "people.csv", "people.csv.sha256"],
    ]);
  });

  test("writes only those that are named", async () => {
    await place.write(exported({}), exported({ file: "exports/other.csv" }, "other"));
    expect(await doExport("other")).toMatchObject({ code: 0 });
    expect(await readdir(place.at("exports"))).toEqual(["other.csv"]);
    const unknown = await doExport("othr");
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('there is no Export "othr" in the manifests; did you mean "other"?');
  });

  test("prints what no manifest declares", async () => {
    const csv = await doExport("--target", "people");
    expect(csv.stdout.split("\r\n")).toEqual([
      "identity,name,anchor,enabled,mail,employeeNumber,department,entitlements",
      expect.stringMatching(
        /^ada,"uid=ada,ou=people,dc=example,dc=org",#1,true,ada@example\.org,E-ada,Research,lab$/,
      ),
      expect.stringMatching(/^grace,/),
      "",
    ]);
    const ldif = await doExport("--target", "people", "-o", "ldif", "--when", "identity.userName == 'ada'");
    expect(ldif.stdout).toBe(
      [
        ...["version: 1", "", `dn: ${dn("ada")}`, "mail: ada@example.org"],
        ...["employeeNumber: E-ada", "department: Research", "", ""],
      ].join("\n"),
    );
    const identities = await doExport(
      ...[
        "--identities",
        "-o",
        "jsonl",
        "--column",
        "id=identity.id",
        "--column",
        "active=state == 'Active'",
      ],
    );
    expect(identities.stdout).toBe('{"id":"ada","active":true}\n{"id":"grace","active":true}\n');
    const to = place.at("here.csv");
    expect(await doExport("--identities", "--to", to)).toMatchObject({ code: 0, stdout: "" });
    expect(await text("here.csv")).toMatch(/^id,userName,displayName,state,businessRoles,/);
  });

  test("refuses what cannot be, and says why", async () => {
    const refused: [string[], string][] = [
      [["--column", "a=identity.id"], "--column needs --target NAME or --identities"],
      [["--identities", "--target", "people"], "--target and --identities exclude each other"],
      [["people", "--identities"], "name either Exports, or one of --target and --identities"],
      [["--target", "peple"], 'there is no Target "peple" in the manifests; did you mean "people"?'],
      [["--identities", "--column", "id"], "--column must be NAME=EXPRESSION"],
      [["--identities", "--column", "a=account.name"], "reads account, which there is none of here"],
      [["--identities", "-o", "ldif"], "must have one called dn"],
      [["--target", "people", "--when", "nobody"], 'there is no variable "nobody"'],
    ];
    await Promise.all(
      refused.map(async ([words, why]) => {
        const told = await doExport(...words);
        expect(told, words.join(" ")).toMatchObject({ code: 2, stdout: "" });
        expect(told.stderr).toContain(why);
      }),
    );
  });
});

describe("where an export cannot be written, the old file stays as it was:", () => {
  const old = "what was there\n";
  const fails = async (why: string | RegExp) => {
    const told = await doExport();
    expect(told.code, told.stdout).toBe(2);
    expect(told.stderr).toMatch(why);
    expect((await readdir(place.at("exports"))).filter((name) => name.endsWith(".rollcall"))).toEqual([]);
  };
  const keeps = async (why: string | RegExp) => {
    await writeFile(place.at("exports/people.csv"), old);
    await fails(why);
    expect(await text("exports/people.csv")).toBe(old);
  };

  test("a store that is away", async () => {
    await place.write(exported({}));
    await rm(place.at("store.json"));
    await keeps(/Export\/people was not written: .*store\.json/);
  });

  test("an expression that fails for one account", async () => {
    await place.write(exported({ columns: [{ name: "T", expression: "identity.title + '!'" }] }));
    await keeps(/cannot make Export\/people: column T, of account uid=ada.*: identity.title is absent/);
  });

  test("a character that the encoding does not have", async () => {
    await place.write(person("ada", { displayName: "Ada Łovelace" }));
    const columns = [{ name: "Name", expression: "identity.displayName" }];
    await place.write(exported({ columns, csv: { encoding: "iso-8859-1" } }));
    await keeps(/it has characters that iso-8859-1 has not; set csv.encoding to utf-8/);
  });

  test("identities that were not all read", async () => {
    await place.write(
      exported({ target: undefined, identities: {}, columns: [{ name: "id", expression: "identity.id" }] }),
    );
    await place.writeFile("manifests/broken.yaml", "kind: Identity\nmetadata: { name: eve\n");
    await keeps(/not all identities are known/);
  });

  test("a path that leads outside of the root", async () => {
    await place.write(exported({ file: "../people.csv" }));
    await fails(/cannot write \.\.\/people\.csv: it lies outside .*; name a wider folder with --root/);
  });

  test("a file that is a link, and a folder that is one", async () => {
    await place.write(exported({}), exported({ file: "linked/other.csv" }, "other"));
    await writeFile(place.at("elsewhere.csv"), old);
    await symlink(place.at("elsewhere.csv"), place.at("exports/people.csv"));
    await symlink(place.at("manifests"), place.at("linked"));
    await fails(/people\.csv is a link or no file; take it away, or name another/);
    await fails(/linked\/other\.csv: its folder is a link, or below one, which is not followed/);
    expect(await text("elsewhere.csv")).toBe(old);
    expect(await readdir(place.at("manifests"))).not.toContain("other.csv");
  });

  test.each([
    ["a disk that is full", ":", /ENOSPC/],
    ["a disk that is mounted read-only", 'mount -o remount,ro "$FOLDER"', /EROFS/],
  ])("%s", async (_what, more, why) => {
    const padding = { name: "Padding", expression: `'${"x".repeat(4_000)}' + string(size(account.name))` };
    const columns = Array.from({ length: 20 }, (_, at) => ({ ...padding, name: `Padding ${at}` }));
    await place.write(exported({ columns, checksum: "File" }));
    const { code, shown } = await onOwnDisk(place.at("exports"), more, [...place.words]);
    expect(shown).toMatch(/Export\/people was not written: cannot write exports\/people\.csv/);
    expect(shown).toMatch(why);
    expect(shown).toMatch(/\nleft: people\.csv people\.csv\.sha256\nold\n$/);
    expect(code).toBe(2);
  });

  test("a folder that is not there", async () => {
    await place.write(exported({ file: "missing/people.csv" }));
    await fails(/cannot write missing\/people\.csv: its folder is not there; make it/);
  });
});

/** Exports to a file system of 64 KB that only this process sees, where both files are already. Tells all that was shown, and what is there then. */
async function onOwnDisk(folder: string, more: string, words: readonly string[]) {
  const script = `mount -t tmpfs -o size=64k tmpfs "$FOLDER" && cd "$FOLDER" || exit 9
    echo old > people.csv && echo sum > people.csv.sha256 && ${more}
    "$@" 2>&1; code=$?; echo left: $(ls -A); cat people.csv; exit $code`;
  const own = process.getuid?.() === 0 ? "-m" : "-Urm";
  const command = ["sh", "-c", script, "sh", process.execPath, main, "export", ...words];
  return run("unshare", [own, ...command], { env: { ...process.env, FOLDER: folder } }).then(
    ({ stdout }) => ({ code: 0, shown: stdout }),
    ({ code, stdout, stderr }) => ({ code, shown: stdout + stderr }),
  );
}

test("a file keeps its mode, and a new one is not for everybody", async () => {
  await place.write(exported({}));
  await doExport();
  expect((await stat(place.at("exports/people.csv"))).mode & 0o777).toBe(0o640);
  await chmod(place.at("exports/people.csv"), 0o604);
  await doExport();
  expect((await stat(place.at("exports/people.csv"))).mode & 0o777).toBe(0o604);
});

test("a running controller writes exports on their schedule, tells of it, and begins anew with what it knows", async () => {
  await place.write(exported({ schedule: { every: "500ms" } }));
  const start = async () => {
    const controller = new ControllerProcess(...place.words);
    return { controller, url: await controller.ready() };
  };
  const { controller, url } = await start();
  try {
    await waitFor(async () => (await text("exports/people.csv")).includes("grace,"));
    await place.write(person("zoe"));
    await waitFor(async () => (await text("exports/people.csv")).includes("zoe,"));
    const metrics = await waitFor(async () => {
      const told = await (await fetch(`${url}/metrics`)).text();
      return told.includes('rollcall_export_rows{realm="default",export="people"} 3') && told;
    });
    expect(metrics).toMatch(/rollcall_exports_total\{realm="default",export="people",result="success"\} \d/);
    expect(metrics).toContain('rollcall_export_interval_seconds{realm="default",export="people"} 0.5');
    await controller.logged("export written", { export: "people", rows: 3 });
    await place.write(exported({ schedule: { every: "24h" }, csv: { delimiter: ";" } }));
    await waitFor(async () =>
      (await (await fetch(`${url}/metrics`)).text()).includes(
        'rollcall_export_interval_seconds{realm="default",export="people"} 86400',
      ),
    );
    await waitFor(async () => (await text("exports/people.csv")).includes("grace;"));
  } finally {
    await controller.end("SIGTERM");
  }
  const status = await rollcall("status", ...place.stateWords);
  expect(status.stdout, status.stderr).toMatch(/^people +exports\/people\.csv +24h +3 +\d{4}-\d\d-\d\dT/m);
  const again = await start();
  try {
    const metrics = await (await fetch(`${again.url}/metrics`)).text();
    expect(metrics).toMatch(
      /rollcall_export_last_success_timestamp_seconds\{realm="default",export="people"\} \d/,
    );
    expect(again.controller.lines.map(({ msg }) => msg)).not.toContain("export written");
  } finally {
    await again.controller.end("SIGTERM");
  }
});
