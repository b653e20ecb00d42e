import { afterAll, beforeAll, expect, test } from "vitest";
import { type Folder, makeFolder } from "../support/folder.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { rollcall } from "../support/rollcall-process.ts";
import { ThreeStores } from "../support/three-stores.ts";

let server: Postgres;
let folder: Folder;

beforeAll(async () => {
  [server, folder] = await Promise.all([startPostgres(), makeFolder("cli-postgres")]);
});

afterAll(() => Promise.all([server.stop(), folder.remove()]));

test("with its state in a database, a plan is kept and applied, and the database's password is told nobody", async () => {
  const company = await new ThreeStores(folder.path).make();
  await company.people("alice");
  const place = await server.createDatabase();
  const password = new URL(place).password;
  const words = ["-f", company.manifests, "--root", folder.path, "--state", place, "--target", "app"];

  const first = await rollcall("plan", ...words, "-o", "json");
  expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining("first run") });
  const kept = await rollcall("plan", ...words, "-o", "json", "--init");
  const { hash } = JSON.parse(kept.stdout);
  const outcome = await rollcall("apply", ...words, "--plan", hash);
  expect(outcome.code).toBe(0);
  expect(company.users()).toMatchObject([{ login: "alice", mail: "alice@example.org" }]);
  const status = await rollcall("status", ...words, "-o", "json");
  const last = await rollcall("plan", ...words);
  expect([status.code, last.code]).toEqual([0, 0]);

  for (const { stdout, stderr } of [first, kept, outcome, status, last])
    expect(`${stdout}${stderr}`).not.toContain(password);
});
