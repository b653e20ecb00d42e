import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkExports } from "./check-export.ts";
import { manifestParser } from "./parse.ts";
import type { Resource } from "./resource.ts";

const files = z.object({ file: z.string().optional(), files: z.array(z.string()).optional() });
const parser = manifestParser([{ name: "flat", storeSchema: files, targetSchema: z.object({}) }]);

function object(kind: string, name: string, spec: object): Resource {
  const { resource, problems } = parser.parse(
    { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec },
    name,
  );
  if (!resource) throw new Error(JSON.stringify(problems));
  return resource;
}

const store = (flat: object) => object("Store", "badges", { flat });
const exported = (name: string, file: string) =>
  object("Export", name, {
    identities: {},
    format: "Csv",
    file,
    columns: [{ name: "id", expression: "identity.id" }],
  });

describe("an export must not write over what is something else:", () => {
  test.each([
    ["the file of a store", { file: "badges.csv" }, "badges.csv"],
    ["it, said in another way", { file: "./data/badges.csv" }, "data//x/../badges.csv"],
    ["one of several files", { files: ["a.csv", "b.csv"] }, "b.csv"],
    ["a file that a store names absolutely", { file: "/srv/root/data/badges.csv" }, "data/badges.csv"],
    ["a file in a folder that is a store's", { file: "drop" }, "drop/today.csv"],
  ])("%s", (_what, flat, file) => {
    expect(checkExports([store(flat), exported("people", file)])).toEqual([
      {
        kind: "Export",
        name: "people",
        field: "spec.file",
        message: 'is also a file of Store "badges": choose another one',
      },
    ]);
  });

  test("another export's file, which both are told of", () => {
    const found = checkExports([
      exported("one", "a.csv"),
      exported("two", "./a.csv"),
      exported("three", "b.csv"),
    ]);
    expect(found.map(({ name, message }) => [name, message])).toEqual([
      ["one", 'is also a file of Export "two": choose another one'],
      ["two", 'is also a file of Export "one": choose another one'],
    ]);
  });

  test("but a file beside a store's is its own", () => {
    expect(checkExports([store({ file: "data/badges.csv" }), exported("people", "data/people.csv")])).toEqual(
      [],
    );
  });
});

describe("a column of LDIF", () => {
  const columns = (...names: string[]) => names.map((name) => ({ name, expression: "identity.id" }));
  const problemsOf = (...names: string[]) => {
    const spec = { identities: {}, format: "Ldif", file: "a.ldif", columns: columns(...names) };
    const metadata = { name: "people" };
    const manifest = { apiVersion: "rollcall.dev/v1alpha1", kind: "Export", metadata, spec };
    return parser.parse(manifest, "people").problems.map(({ field, message }) => `${field} ${message}`);
  };

  test.each([
    ["changetype", ["dn", "changetype"]],
    ["Control", ["dn", "Control"]],
    ["DN", ["dn", "DN"]],
    ["MAIL", ["dn", "mail", "MAIL"]],
  ])("is no word of LDIF's own, and none twice: %s", (_, names) => {
    expect(problemsOf(...names)).toEqual([
      `spec.columns[${names.length - 1}].name must be no word of LDIF's own, nor another column's name, whatever its case`,
    ]);
  });

  test("may be any attribute, with options", () => {
    expect(problemsOf("dn", "mail", "mail;lang-de", "2.5.4.3")).toEqual([]);
  });
});
