import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, it } from "vitest";
import { apply, call, makeFiles, namesIn } from "../../../test/support/file-store.ts";
import type { ConnectorType, StoreChange } from "../contract.ts";
import { csvConnector } from "../csv/csv.ts";
import { jsonlConnector } from "../jsonl/jsonl.ts";
import { ldifConnector } from "../ldif/ldif.ts";

interface Files {
  readonly type: ConnectorType;
  /** Two files with the accounts p0 (x), p1 (y) and p2 (z), as differently as they may be written. */
  readonly one: string;
  readonly two: string;
  readonly store: object;
  readonly target: object;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  nameOf(person: string): string;
  /** What somebody else's reader makes of a file: mail by name. */
  read?(text: string): readonly (readonly [string, string])[];
}

const kinds: Readonly<Record<string, Files>> = {
  csv: {
    type: csvConnector,
    one: "login,mail\r\np0,x\r\n",
    two: '\uFEFFmail,other,login\ny,"o\n1",p1\n\n"z",,p2',
    store: { lastLineBreak: "Optional" },
    target: { key: "login" },
    attributes: {},
    nameOf: (person) => person,
    read: (text) =>
      parse<{ login: string; mail: string }>(text, {
        columns: true,
        bom: true,
        skip_empty_lines: true,
        record_delimiter: ["\r\n", "\n"],
      }).map(({ login, mail }) => [login, mail]),
  },
  jsonl: {
    type: jsonlConnector,
    one: '{"login":"p0","mail":"x","n":1.50}\r\n',
    two: '\n{"login":"p1","mail":"y"}\n  \n{"login":"p2","mail":["z"]}',
    store: {},
    target: { key: "login" },
    attributes: {},
    nameOf: (person) => person,
    read: (text) =>
      text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line))
        .map(({ login, mail = "" }) => [login, String(mail)]),
  },
  ldif: {
    type: ldifConnector,
    one: "version: 1\r\n\r\ndn: cn=p0\r\nobjectClass: person\r\ncn: p0\r\nmail: x\r\n",
    two: "# c\ndn: cn=p1\nobjectClass: person\nmail: y\ncn: p1\n\n\ndn:: Y249cDI=\nobjectClass: per\n son\ncn: p2\nmail: z\n# end\n",
    store: {},
    target: {},
    attributes: { objectClass: ["person"] },
    nameOf: (person) => `cn=${person}`,
  },
};

const person = fc.constantFrom("p0", "p1", "p2", "p3", "p4");
const mail = fc.string({
  unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "é", "😀", ":", "#", "-"),
  minLength: 1,
  maxLength: 6,
});
const wish = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), person, mail }),
  fc.record({ kind: fc.constant("modify" as const), person, mail: fc.option(mail, { nil: "" }) }),
  fc.record({ kind: fc.constant("delete" as const), person, mail: fc.constant("") }),
);
const batches = fc.array(
  fc.uniqueArray(wish, { minLength: 1, maxLength: 5, selector: (one) => one.person }),
  {
    maxLength: 5,
  },
);

it.each(Object.entries(kinds))(
  "%s files hold what each batch of changes made of them, no more and no less",
  async (_, kind) => {
    await fc.assert(
      fc.asyncProperty(batches, fc.constantFrom("one", "two"), async (all, newRows) => {
        await using files = await makeFiles({ one: kind.one, two: kind.two });
        const store = { files: ["one", "two"], newRows, rows: { atLeast: 0 }, ...kind.store };
        const connector = files.connect(kind.type, store, kind.target, [
          "mail",
          ...Object.keys(kind.attributes),
        ]);
        const held = new Map([
          ["p0", "x"],
          ["p1", "y"],
          ["p2", "z"],
        ]);
        for (const batch of all) {
          const changes = batch.map((one, id) => changeOf(one, id, kind, held.get(one.person) ?? ""));
          const possible = batch.map(
            (one) => one.kind === "delete" || (one.kind === "create") !== held.has(one.person),
          );
          const outcomes = await apply(connector, ...changes);
          expect(outcomes.map(({ ok }) => ok)).toEqual(possible);
          for (const [at, one] of batch.entries())
            if (possible[at] && one.kind === "delete") held.delete(one.person);
            else if (possible[at]) held.set(one.person, one.mail);
        }
        const expected = new Map([...held].map(([name, value]) => [kind.nameOf(name), value]));
        const names = await namesIn(connector);
        const found = await connector.fetch(names, call);
        expect(new Map(found.map(({ name, attributes }) => [name, attributes.mail?.[0] ?? ""]))).toEqual(
          expected,
        );
        expect(names).toHaveLength(expected.size);
        if (kind.read === undefined) return;
        const texts = [await files.read("one"), await files.read("two")];
        expect(new Map(texts.flatMap((text) => kind.read!(text)))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  },
);

function changeOf(
  one: { readonly kind: "create" | "modify" | "delete"; readonly person: string; readonly mail: string },
  id: number,
  { nameOf, attributes }: Files,
  before: string,
): StoreChange {
  const name = nameOf(one.person);
  const valuesOf = (text: string) => (text === "" ? [] : [text]);
  switch (one.kind) {
    case "create":
      return { id, kind: "create", name, attributes: { ...attributes, mail: [one.mail] }, enabled: true };
    case "modify": {
      const delta = { name: "mail", before: valuesOf(before), after: valuesOf(one.mail) };
      return { id, kind: "modify", anchor: name, name, attributes: [delta] };
    }
    case "delete":
      return { id, kind: "delete", anchor: name, name };
  }
}
