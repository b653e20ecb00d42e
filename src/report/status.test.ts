import { describe, expect, test } from "vitest";
import { company } from "../../test/support/company.ts";
import { item, report, withheld } from "../../test/support/reports.ts";
import { World } from "../../test/support/world.ts";
import { KnownManifests } from "../resources/known.ts";
import { resolve } from "../resources/resolve.ts";
import { exportNotesIn, notesOfExport } from "./export-notes.ts";
import { targetsNotRun } from "./not-run.ts";
import { countsIn, notesOf } from "./notes.ts";
import { type StatusDocument, statusText } from "./status.ts";

describe("the notes of a run", () => {
  const held = report({
    items: [],
    withheld: [
      withheld("Budget", item({ operation: "Disable" })),
      withheld("NotAllowed", item({ operation: "Delete" })),
    ],
    findings: [
      { kind: "Conflict", target: "people", message: "" },
      { kind: "Held", target: "people", message: "" },
    ],
    orphans: new Map([["#1", "uid=eve"]]),
  });

  test("hold its counts, to be read again", () => {
    const notes = new Map(Object.entries(notesOf(held, 5)) as [string, string][]);
    expect(countsIn(notes)).toEqual({ drift: 2, held: 2, conflicts: 1, orphans: 1 });
    expect(countsIn(new Map())).toBeUndefined();
  });

  test("tell of a success only when nothing failed, and forget the error that was", () => {
    const applied = { done: [], failed: [], left: [] };
    expect(notesOf({ ...held, applied }, 5)).toMatchObject({ lastSuccess: "5", error: undefined });
    const failed = [{ item: item({ operation: "Create" }), error: "", kind: "Denied" }];
    expect(notesOf({ ...held, applied: { ...applied, failed } }, 5)).not.toHaveProperty("lastSuccess");
    const down = report({ error: { kind: "Unavailable", message: "it is down" } });
    expect(notesOf(down, 5)).toEqual({ error: "it is down" });
  });
});

describe("a target that is not run", () => {
  function whyNot(change: (world: World) => void): string | undefined {
    const known = new KnownManifests();
    const world = new World().put(...company());
    known.apply(resolve(world.reading(), known, 1).changes);
    change(world);
    return targetsNotRun(resolve(world.reading(), known, 2).snapshot)[0]?.reason;
  }

  test.each<[string, (world: World) => void, string | undefined]>([
    ["runs", () => {}, undefined],
    ["is suspended", (world) => world.edit("Target/people", { suspend: true }), "it is suspended"],
    [
      "is suspended with its store",
      (world) => world.edit("Store/directory", { suspend: true }),
      "its Store/directory is suspended",
    ],
    ["is gone", (world) => world.remove("Target/people"), "its manifest is gone"],
    [
      "has no store any more",
      (world) => world.remove("Store/directory"),
      "the manifest of its Store/directory is gone",
    ],
    [
      "names a store that never was",
      (world) => world.edit("Target/people", { store: { name: "x" } }),
      "its Store/x does not exist",
    ],
  ])("%s: it is said why", (_, change, reason) => expect(whyNot(change)).toBe(reason));

  test("because it or its store never was valid is said, too", () => {
    const world = new World().put(...company());
    world.invalid.set("Store/directory", "broken");
    const notRun = () => targetsNotRun(resolve(world.reading(), new KnownManifests(), 1).snapshot);
    expect(notRun()).toEqual([{ target: "people", reason: "its Store/directory is not valid" }]);
    world.invalid.set("Target/people", "broken");
    expect(notRun()).toEqual([{ target: "people", reason: "its manifest is not valid" }]);
  });
});

test("status is a table, and below it what somebody should see to", () => {
  const status: StatusDocument = {
    ...{ format: "rollcall.dev/status/v1", at: "", revision: "", state: { place: "", isFirstRun: false } },
    problems: { errors: 1, warnings: 0 },
    targets: [
      {
        ...{ target: "people", store: "directory", mode: "Enforce", linked: 12, disabled: 1, unfinished: 1 },
        protected: 2,
        trouble: { Locked: 3, PasswordExpired: 1 },
        counts: { drift: 3, held: 2, conflicts: 0, orphans: 4 },
        holds: [{ hash: "f00", budget: "Removals", reason: "too many", items: 2, expires: "" }],
      },
      {
        target: "new",
        store: "directory",
        mode: "Observe",
        linked: 0,
        disabled: 0,
        protected: 0,
        trouble: {},
        unfinished: 0,
        holds: [],
      },
    ],
  };
  expect(
    statusText(status),
  ).toBe(`TARGET  STORE      MODE     LINKED  DISABLED  DRIFT  HELD  CONFLICTS  ORPHANS  LAST SUCCESS
people  directory  Enforce  12      1         3      2     0          4        never
new     directory  Observe  0       0         ?      ?     ?          ?        never

people: 1 batch begun and not ended: apply looks up first what came of it
people: 2 accounts protected by the store, and left alone
people: cannot log in as they are, when last read: 3 Locked, 1 PasswordExpired
people: 2 changes held, too many: rollcall approve f00
manifests: 1 error, 0 warnings: rollcall validate shows them
`);
});

test("status has the exports in a table of their own, and says why one could not be written", () => {
  const exports = [
    {
      export: "badges",
      file: "badges.csv",
      every: "24h",
      rows: 3,
      sha256: "ab",
      lastSuccess: "2026-01-01T00:00:00.000Z",
    },
    { export: "all", file: "all.jsonl", error: "the store is away" },
  ];
  const status: StatusDocument = {
    ...{ format: "rollcall.dev/status/v1", at: "", revision: "", state: { place: "", isFirstRun: false } },
    ...{ problems: { errors: 0, warnings: 0 }, targets: [], exports },
  };
  expect(statusText(status).split("\n").slice(1)).toEqual([
    "",
    "EXPORT  FILE        EVERY    ROWS  LAST SUCCESS",
    "badges  badges.csv  24h      3     2026-01-01T00:00:00.000Z",
    "all     all.jsonl   by hand  -     -",
    "",
    "Export/all: the store is away",
    "",
  ]);
});

test("the notes of an export keep what was written before while it fails", () => {
  const at = 5_000;
  const kept = new Map<string, string>();
  const keep = (notes: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(notes))
      if (value === undefined) kept.delete(name);
      else kept.set(name, value);
    return exportNotesIn(kept);
  };
  expect(exportNotesIn(kept)).toEqual({});
  const written = { rows: 3, sha256: "ab" };
  const last = { last: { at, digest: "d" }, ...written };
  expect(keep(notesOfExport("d", { at, written, error: undefined }))).toEqual(last);
  const error = { message: "away" };
  expect(keep(notesOfExport("e", { at: 6_000, written: undefined, error }))).toEqual({
    ...last,
    error: "away",
  });
  expect(keep(notesOfExport("d", { at, written, error: undefined }))).toEqual(last);
});
