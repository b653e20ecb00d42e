import { describe, expect, it } from "vitest";
import { apply, makeFiles } from "../../../test/support/file-store.ts";
import type { StoreChange } from "../contract.ts";
import { csvConnector } from "../csv/csv.ts";
import { jsonlConnector } from "../jsonl/jsonl.ts";

const invalid = [{ ok: false, error: { kind: "Invalid" } }];

describe("a change is refused, and nothing is written,", () => {
  it.each(["lab;office", " lab", "lab "])(
    "of an entitlement that would be read as others: %j",
    async (name) => {
      const people = "login,mail,groups\nalice,1,staff\n";
      await using files = await makeFiles({ people });
      const entitlements = { column: "groups", names: [name] };
      const connector = files.connect(csvConnector, { file: "people" }, { key: "login", entitlements });
      const add = [{ anchor: "alice", name: "alice" }];
      const change: StoreChange = { id: 1, kind: "members", entitlement: name, name, add, remove: [] };
      expect(await apply(connector, change)).toMatchObject(invalid);
      expect(await files.read("people")).toBe(people);
    },
  );

  it.each(["1.0e3", "yes", "007"])("of a number that would be read as another: %s", async (level) => {
    const people = '{"login":"alice","level":1}\n';
    await using files = await makeFiles({ people });
    const target = { key: "login", types: { level: "Number" } };
    const connector = files.connect(jsonlConnector, { file: "people" }, target, ["level"]);
    const attributes = [{ name: "level", before: ["1"], after: [level] }];
    const change: StoreChange = { id: 1, kind: "modify", anchor: "alice", name: "alice", attributes };
    expect(await apply(connector, change)).toMatchObject(invalid);
    expect(await files.read("people")).toBe(people);
  });
});

describe("a change is made", () => {
  it("of a day and of a number as the file has them", async () => {
    await using files = await makeFiles({ people: 'login,until,hours\nalice,01.02.2026,"38,5"\n' });
    const target = { key: "login", dates: { until: "dd.MM.yyyy" }, decimals: { hours: "," } };
    const connector = files.connect(csvConnector, { file: "people" }, target, ["until", "hours"]);
    const attributes = [
      { name: "until", before: ["2026-02-01"], after: ["2026-12-31"] },
      { name: "hours", before: ["38.5"], after: ["40.25"] },
    ];
    const change: StoreChange = { id: 1, kind: "modify", anchor: "alice", name: "alice", attributes };
    expect(await apply(connector, change)).toMatchObject([{ ok: true }]);
    expect(await files.read("people")).toBe('login,until,hours\nalice,31.12.2026,"40,25"\n');
  });

  it("behind a last row that has no line break", async () => {
    await using files = await makeFiles({ people: "login,mail\nalice,1" });
    const connector = files.connect(csvConnector, { file: "people", lastLineBreak: "Optional" });
    const bob: StoreChange = { id: 1, kind: "create", name: "bob", attributes: {}, enabled: true };
    const alice: StoreChange = { id: 2, kind: "delete", anchor: "alice", name: "alice" };
    expect(await apply(connector, bob)).toMatchObject([{ ok: true }]);
    expect(await files.read("people")).toBe("login,mail\nalice,1\nbob,\n");
    expect(await apply(connector, alice)).toMatchObject([{ ok: true }]);
    expect(await files.read("people")).toBe("login,mail\nbob,\n");
  });
});
