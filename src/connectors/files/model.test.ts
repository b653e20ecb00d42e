import fc from "fast-check";
import { expect, it } from "vitest";
import { apply, call, makeFiles } from "../../../test/support/file-store.ts";
import type { Connector, StoreChange } from "../contract.ts";
import { csvConnector } from "../csv/csv.ts";
import { jsonlConnector } from "../jsonl/jsonl.ts";

interface Account {
  readonly name: string;
  readonly mail: string;
  readonly enabled: boolean;
}

/** By id. */
type Model = Map<string, Account>;

const id = fc.integer({ min: 1, max: 12 }).map(String);
const name = fc.constantFrom("ann", "bob, jr", 'c"d', "é", "😀", "line\nbreak", "dan", "eve");
const mail = fc.constantFrom("", "a@b.c", "x,y", '"', "ü\r\n");
const step = fc.oneof(
  fc.record({ do: fc.constant("create" as const), id, name, mail, enabled: fc.boolean() }),
  fc.record({ do: fc.constant("modify" as const), id, name, mail, enabled: fc.boolean() }),
  fc.record({ do: fc.constant("delete" as const), id }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const batches = fc.array(fc.uniqueArray(step, { selector: (each) => each.id, maxLength: 6 }), {
  maxLength: 5,
});

const disabled = { column: "state", enabled: "on", disabled: "off" };
const stores = {
  csv: {
    type: csvConnector,
    files: { one: "state,id,mail,name\n", two: "\uFEFFname;x;id;mail;state\r\n".replaceAll(";", ",") },
    target: { key: "name", id: "id", disabled },
  },
  jsonl: {
    type: jsonlConnector,
    files: { one: '{"name":{"n":"zoe"},"id":99,"state":"on","x":[1.50]}\n', two: "\n" },
    target: { key: "name.n", id: "id", disabled, types: { id: "Number" } },
  },
};

it.each(Object.entries(stores))(
  "batches of changes to %s files make of them what a map would be",
  async (_, store) => {
    await fc.assert(
      fc.asyncProperty(batches, fc.constantFrom("one", "two"), async (all, newRows) => {
        await using files = await makeFiles(store.files);
        const connect = () =>
          files.connect(store.type, { files: ["one", "two"], newRows }, store.target, ["mail", "id"]);
        const connector = connect();
        const model = await read(connector);
        for (const batch of all) {
          const outcomes = await apply(connector, ...batch.map(toChange));
          expect(outcomes.map(({ ok }) => ok)).toEqual(batch.map((each) => perform(model, each)));
          const now = await read(connector);
          expect(now).toEqual(model);
          expect(await read(connect())).toEqual(model);
        }
      }),
      { numRuns: 60 },
    );
  },
);

/** What the connector says is there, by all ways of asking. */
async function read(connector: Connector): Promise<Model> {
  const seen: { anchor: string; version: string; name: string }[] = [];
  for await (const page of connector.scan("accounts", call)) seen.push(...page);
  const records = await connector.fetch(
    seen.map(({ anchor }) => anchor),
    call,
  );
  expect(records.map(({ anchor, version, name }) => ({ anchor, version, name }))).toEqual(seen);
  const found = await connector.find(
    records.map(({ name }) => ({ keys: {}, name })),
    call,
  );
  expect(found).toEqual(records.map((record) => [record]));
  return new Map(
    records.map(({ anchor, name, enabled, attributes }) => [
      anchor,
      { name, mail: attributes.mail?.[0] ?? "", enabled: enabled! },
    ]),
  );
}

/** Whether the step is taken. */
function perform(model: Model, each: Step): boolean {
  const before = model.get(each.id);
  if (each.do === "delete") {
    model.delete(each.id);
    return true;
  }
  const taken = model.entries().some(([other, account]) => other !== each.id && account.name === each.name);
  if (taken || (before === undefined) !== (each.do === "create")) return false;
  model.set(each.id, { name: each.name, mail: each.mail, enabled: each.enabled });
  return true;
}

function toChange(each: Step, at: number): StoreChange {
  if (each.do === "delete") return { id: at, kind: "delete", anchor: each.id, name: "whoever" };
  const values = each.mail === "" ? [] : [each.mail];
  if (each.do === "create") {
    const attributes = { id: [each.id], mail: values };
    return { id: at, kind: "create", name: each.name, attributes, enabled: each.enabled };
  }
  return {
    id: at,
    kind: "modify",
    anchor: each.id,
    name: "whoever",
    rename: each.name,
    enabled: each.enabled,
    attributes: [{ name: "mail", before: [], after: values }],
  };
}
