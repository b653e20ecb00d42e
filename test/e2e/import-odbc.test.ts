import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { odbcDrivers } from "../support/odbc.ts";
import { startRollcall } from "../support/rollcall-process.ts";

const example = join(import.meta.dirname, "../../manifests/examples/sql-odbc");

test("a database that an ODBC driver reaches is imported with the driver that the operator allows", async () => {
  await using place = await makeFolder("import-odbc");
  const manifests = join(place.path, "manifests");
  await mkdir(manifests);
  await cp(join(example, "store.yaml"), join(manifests, "store.yaml"));
  const path = join(manifests, "turnstile.db");
  using database = new DatabaseSync(path);
  database.exec(await readFile(join(example, "schema.sql"), "utf8"));
  database.exec(
    "INSERT INTO users (login, employee_number, display_name) VALUES ('ada', '1001', 'Ada Lovelace')",
  );
  const told = await startRollcall(
    [
      ...["import", "turnstile", "-f", manifests, "--state", join(place.path, "state.db")],
      ...["--to", join(manifests, "imported"), "--odbc-driver", odbcDrivers.sqlite],
    ],
    { TURNSTILE_CONNECTION: `Database=${path};FKSupport=1` },
  ).ended;
  expect(told, told.stderr).toMatchObject({ code: 0 });
  expect(await readFile(join(manifests, "imported/identities.yaml"), "utf8")).toContain("userName: ada");
});
