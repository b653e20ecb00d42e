import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Session } from "../database.ts";
import type { UserCatalog } from "./catalog.ts";
import { mariadbUsers } from "./mariadb-users.ts";
import { mysqlUsers } from "./mysql-users.ts";
import { postgresUsers } from "./postgres-users.ts";

/** Names with all that could end a literal or an identifier. */
const odd = fc.string({
  unit: fc.constantFrom("a", "'", '"', "`", "\\", ";", "-", "@", "%", "\n", "é"),
  minLength: 1,
  maxLength: 20,
});

/** What is said to the database, by a session that only listens. */
async function said(catalog: UserCatalog, name: string, value: string): Promise<string[]> {
  const texts: string[] = [];
  const session: Session = {
    mode: "Savepoints",
    savepoint: (work) => work(),
    async query({ text, values }) {
      expect(values).toEqual([]);
      texts.push(text);
      // Whether it is a MariaDB, of those that ask.
      return { rows: catalog === mariadbUsers ? [["1"]] : [], count: 1 };
    },
  };
  const attributes = await catalog.attributes(session, ["comment"]);
  const { column } = attributes.find((one) => one.column.name === "comment")!;
  const assignments = [
    { column, cell: value },
    { column: catalog.disabled.column, cell: catalog.disabled.enabled },
  ];
  const user = {
    name,
    assignments,
    password: { value: "Correct-Horse.7", mustChange: false },
    rename: undefined,
  };
  await catalog.create(session, { memberOf: value }, user);
  await catalog.change(session, user);
  await catalog.remove(session, {}, name);
  return [...texts, catalog.createRole(value), catalog.grant("add", { id: "1", name: value }, [name])];
}

/** A statement without what is quoted in it, as the database reads it. */
const bare = (text: string) => text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`/g, "?");

describe.each([
  ["PostgreSQL", postgresUsers, (name: string) => name],
  // A backslash ends nothing there, since the session says so; a text with one is hexadecimal digits all the same.
  ["MariaDB", mariadbUsers, (name: string) => `${name}x@%`],
  ["MySQL", mysqlUsers, (name: string) => `${name}x@%`],
])("statements about users of %s", (_, catalog, named) => {
  it("are the same ones whatever a name or a value holds, and never hold the password", async () => {
    const plain = (await said(catalog, named("a"), "a")).map(bare);
    await fc.assert(
      fc.asyncProperty(odd, odd, async (name, value) => {
        const texts = await said(catalog, named(name), value);
        const shapes = texts.map((text) => bare(text).replaceAll("_utf8mb4 X?", "?"));
        expect(shapes).toEqual(plain);
        for (const text of texts) expect(text).not.toContain("Correct-Horse");
      }),
    );
  });
});
