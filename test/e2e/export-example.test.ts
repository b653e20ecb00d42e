import { execFile } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const sample = join(import.meta.dirname, "../../manifests/examples/export");

test("the sample manifests of exports are applied, and their files are what they say", async () => {
  await using folder = await makeFolder("example");
  const manifests = join(folder.path, "manifests");
  await cp(sample, manifests, { recursive: true });
  const place = ["-f", manifests, "--state", join(folder.path, "state.db")];
  expect(await rollcall("apply", "--init", "--yes", ...place)).toMatchObject({ code: 0 });
  const told = await rollcall("export", ...place);
  expect(told, told.stderr).toMatchObject({ code: 0 });
  const text = (name: string) => readFile(join(manifests, "exports", name), "utf8");
  expect((await text("badge-holders.csv")).split("\r\n")).toEqual([
    "\uFEFFBadge;Holder;Works;Doors;By role",
    "1001;Ada Lovelace;yes;lab, main entrance;research",
    "1002;Zoë Ångström;yes;;",
    "",
  ]);
  const everybody = (await text("everybody.jsonl")).trimEnd().split("\n");
  expect(everybody.map((line) => JSON.parse(line))).toEqual([
    {
      id: "ada",
      state: "Active",
      roles: ["research"],
      doors: ["main entrance", "lab"],
      accounts: ["badges/ada"],
    },
    { id: "zoe", state: "Active", roles: [], doors: [], accounts: ["badges/zoe"] },
    { id: "charles", state: "Inactive", roles: [], doors: [], accounts: [] },
    { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  const ldif = await text("phone-book.ldif");
  expect(ldif.match(/^dn:.*$/gm)).toEqual([
    "dn: uid=ada,ou=people,dc=example,dc=org",
    "dn: uid=zoe,ou=people,dc=example,dc=org",
  ]);
  expect(ldif).toContain(`cn:: ${Buffer.from("Zoë Ångström").toString("base64")}`);
  await promisify(execFile)("sha256sum", ["-c", "badge-holders.csv.sha256"], {
    cwd: join(manifests, "exports"),
  });
  expect(await rollcall("plan", ...place)).toMatchObject({ code: 0 });
});
