import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { csvConnector } from "../../src/connectors/csv/csv.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import { makeFolder } from "../support/folder.ts";
import { entitlementKeys, everything, type Features, type Harness, type Sample } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const features: Features = {
  ...everything,
  createEntitlements: "an entitlement is a word in a column, and there is nothing to create",
  passwords: "a file has no logins",
  restore: "what is gone from a file is gone",
  multiValued: "a cell holds one value",
  binary: "a text file holds text",
  droppedMidPage: "a file has no connection; csv/csv.test.ts replaces and truncates it instead",
  restart: "a file has no server; csv/csv.test.ts takes it away and puts it back instead",
  lostAnswer: "a rename on this machine answers, or did not happen",
  otherServer: "a file has no server",
  wrongPassword: "a file asks for no password",
  readOnly: "rights are the file system's, and root, who may run the tests, has all",
};

const columns = ["id", "login", "note", "number", "state", "groups"];

contractSuite({
  name: "csv",
  features,
  start: () =>
    start({ key: "login", id: "id", columns: { text: "note" } }, { delimiter: ";", encoding: "utf-16le" }),
});

contractSuite({
  name: "csv without an id column",
  features: { ...features, rename: "the key is the anchor, and an anchor never changes" },
  start: () => start({ key: "login", columns: { text: "note" } }, {}),
});

type Cells = Record<string, string>;

async function start(
  layout: { key: string; id?: string; columns: Cells },
  dialect: { delimiter?: string; encoding?: string },
) {
  const folder = await makeFolder("csv");
  const path = join(folder.path, "people.csv");
  const encoding = dialect.encoding === undefined ? "utf8" : "utf16le";

  async function look(): Promise<Map<string, Cells>> {
    const text = await readFile(path, encoding);
    const parsed = parse(text, { columns: true, bom: true, delimiter: dialect.delimiter ?? "," }) as Cells[];
    return new Map(parsed.map((row) => [row.login!, row]));
  }

  async function edit(change: (rows: Map<string, Cells>) => void): Promise<void> {
    const rows = await look();
    change(rows);
    await write([...rows.values()]);
  }

  async function write(rows: readonly Cells[]): Promise<void> {
    const quoted = (cells: readonly string[]) =>
      cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(dialect.delimiter ?? ",");
    const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))].map(quoted);
    await writeFile(path, `\uFEFF${lines.join("\r\n")}\r\n`, encoding);
  }

  const found = (rows: Map<string, Cells>, { name }: Sample) => {
    const row = rows.get(name);
    if (row === undefined) throw new Error(`no row ${name}`);
    return row;
  };
  const cellsOf = (sample: Sample): Cells => ({
    id: `id of ${sample.key}`,
    login: sample.name,
    number: sample.attributes.number![0]!,
    state: "active",
  });
  const column = (attribute: string) => (attribute === "text" ? "note" : attribute);
  const hold = (row: Cells, key: string) => {
    row.groups = [row.groups, key].filter(Boolean).join("|");
  };

  const harness: Harness = {
    type: csvConnector,
    store: { file: path, ...dialect },
    target: {
      ...layout,
      disabled: { column: "state", enabled: "active", disabled: "left" },
      entitlements: { column: "groups", separator: "|", names: [...entitlementKeys] },
    },
    attributes: layout.id === undefined ? ["text", "number"] : ["text", "number", "id"],
    environment: {
      path: (file) => file,
      secret: async () => {
        throw new StoreError("Unauthenticated", "no secrets here");
      },
    },
    misfit: { target: { key: "shoe size" }, attributes: ["text"] },
    roles: { text: "text", key: "number" },
    standing: entitlementKeys,
    account: (key) => ({
      key,
      name: key,
      attributes: { number: [`n-${key}`], ...(layout.id !== undefined && { id: [`id of ${key}`] }) },
    }),
    entitlement: (key) => ({ name: key, refs: [{ name: key, by: "Name" }], attributes: {} }),
    outside: {
      fill: (samples) =>
        edit((rows) => {
          for (const sample of samples) rows.set(sample.name, cellsOf(sample));
        }),
      async read({ name }) {
        const row = (await look()).get(name);
        if (row === undefined) return undefined;
        const { state, note, number, id } = row;
        const attributes = Object.entries({ text: note, number, id }).filter(([, value]) => value !== "");
        return {
          enabled: state === "active",
          attributes: Object.fromEntries(attributes.map(([attribute, value]) => [attribute, [value!]])),
        };
      },
      edit: (sample, attribute, values) =>
        edit((rows) => {
          found(rows, sample)[column(attribute)] = values[0] ?? "";
        }),
      remove: ({ name }) => edit((rows) => void rows.delete(name)),
      disable: (sample) =>
        edit((rows) => {
          found(rows, sample).state = "left";
        }),
      createEntitlement: (key, members) =>
        edit((rows) => {
          for (const member of members) hold(found(rows, member), key);
        }),
      addMember: (key, sample) => edit((rows) => hold(found(rows, sample), key)),
      async countMembers(key) {
        const rows = (await look()).values();
        return rows.filter((row) => row.groups?.split("|").includes(key)).toArray().length;
      },
    },
    faults: {},
    reset: () => write([]),
    stop: () => folder.remove(),
  };
  return harness;
}
