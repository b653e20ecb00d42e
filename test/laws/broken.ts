import type { Connector, Outcome, StoreChange } from "../../src/connectors/contract.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import type { JournalEntry, State } from "../../src/state/state.ts";
import type { Tampering } from "../support/world.ts";
import type { Step } from "./history.ts";

/** A Rollcall that is broken on purpose: the tests of its law must notice. */
export interface Broken {
  readonly law: number;
  readonly how: string;
  readonly tampering: Tampering;
  /** A history in which it shows, where chance would take hundreds to find one, and now and then thousands. */
  readonly shows?: readonly Step[];
}

const apply: Step = { do: "apply" };
/** Six people at work. */
const hired: readonly Step[] = [{ do: "hire everybody" }, apply];
const ann: Step = { do: "declare", who: "ann", department: "Research", mail: 0 };
/** Long enough for what is missing to count as gone. */
const settled: readonly Step[] = [apply, { do: "wait", minutes: 30 }, apply];

/** One broken variant a law, or more. They break what the engine works with, so that nothing in the engine is there for the tests alone. */
export const brokenVariants: readonly Broken[] = [
  {
    law: 1,
    how: "a change is claimed and not made",
    tampering: { connector: (real) => changing(real, forgetGrants) },
  },
  { law: 2, how: "looking writes", tampering: { connector: writingLooks } },
  {
    law: 3,
    how: "an attribute that is not mapped is cleared on the way",
    tampering: { connector: (real) => changing(real, clearNote) },
  },
  {
    law: 3,
    how: "what the store protects is not heard of",
    tampering: {
      connector: (real) => replacing(real, { fetch: (anchors, call) => unprotected(real, anchors, call) }),
    },
    shows: [...hired, { do: "outside protect", who: "ann" }, { do: "outside edit", who: "ann" }, apply],
  },
  {
    law: 4,
    how: "an incomplete reading is taken for complete",
    tampering: { reading: (real) => ({ ...real, complete: { ok: true } }) },
    shows: [...hired, { do: "half the folder" }, { do: "vanish", who: "ann" }, ...settled],
  },
  {
    law: 4,
    how: "a kind that could not be read is taken for empty",
    tampering: { reading: (real) => ({ ...real, unread: new Map() }) },
    shows: [ann, apply, { do: "roles unread" }, ...settled],
  },
  {
    law: 4,
    how: "what went with its namespace is taken for left",
    tampering: { reading: (real) => ({ ...real, origins: new Map() }) },
    shows: [...hired, { do: "taken away and made anew" }, ...settled],
  },
  {
    law: 5,
    how: "what was removed is not counted",
    tampering: { state: (real) => replacing(real, { spent: async () => 0 }) },
    shows: [
      ...hired,
      { do: "deactivate", who: "ann" },
      { do: "deactivate", who: "bob" },
      apply,
      { do: "deactivate", who: "cid" },
      apply,
    ],
  },
  {
    law: 6,
    how: "what was shown does not matter",
    tampering: { options: (real) => ({ ...real, shown: undefined }) },
    shows: [{ do: "hire everybody" }, { do: "cut scans", after: 0 }, { do: "apply shown" }],
  },
  {
    law: 7,
    how: "what was begun is forgotten",
    tampering: { state: (real) => replacing(real, { openBatches: async () => [] }) },
    shows: [ann, { do: "kill", after: 4 }, apply],
  },
  { law: 8, how: "disabling deletes", tampering: { connector: (real) => changing(real, deleteForDisable) } },
  { law: 9, how: "a pre-image is kept unmasked", tampering: { state: (real) => finishing(real, unmask) } },
  {
    law: 9,
    how: "an error tells the password that was refused",
    tampering: { connector: (real) => replacing(real, { apply: (changes) => refusingAloud(changes) }) },
  },
  {
    law: 10,
    how: "the journal does not say why",
    tampering: { state: (real) => finishing(real, (line) => ({ ...line, reasons: [] })) },
  },
];

async function unprotected(real: Connector, ...asked: Parameters<Connector["fetch"]>) {
  return (await real.fetch(...asked)).map(({ protected: _, ...record }) => record);
}

function forgetGrants(change: StoreChange): StoreChange {
  return change.kind === "members" ? { ...change, add: [] } : change;
}

function clearNote(change: StoreChange): StoreChange {
  if (change.kind !== "modify") return change;
  return { ...change, attributes: [...change.attributes, { name: "note", before: [], after: ["ours now"] }] };
}

function deleteForDisable(change: StoreChange): StoreChange {
  if (change.kind !== "modify" || change.enabled !== false) return change;
  return { id: change.id, kind: "delete", anchor: change.anchor, name: change.name };
}

async function* refusingAloud(changes: readonly StoreChange[]): AsyncGenerator<Outcome> {
  for (const change of changes) {
    const password = change.kind === "create" ? change.password?.value : undefined;
    yield { id: change.id, ok: false, error: new StoreError("Invalid", `cannot set ${password}`) };
  }
}

function unmask(line: Omit<JournalEntry, "seq">): Omit<JournalEntry, "seq"> {
  return { ...line, before: { ssn: [`SECRET-${line.identity}`] } };
}

function changing(real: Connector, change: (change: StoreChange) => StoreChange): Connector {
  return replacing(real, { apply: (changes, call) => real.apply(changes.map(change), call) });
}

/** Each look writes what is there already. */
function writingLooks(real: Connector): Connector {
  return replacing(real, {
    scan: async function* (what, call) {
      for await (const page of real.scan(what, call)) {
        const [first] = page;
        const touch: StoreChange[] =
          first && what === "accounts" ? [{ id: 1, kind: "modify", ...first, attributes: [] }] : [];
        for await (const _ of real.apply(touch, call));
        yield page;
      }
    },
  });
}

type Lines = readonly Omit<JournalEntry, "seq">[];

function finishing(real: State, line: (line: Omit<JournalEntry, "seq">) => Omit<JournalEntry, "seq">): State {
  const each = (lines: Lines) => lines.map(line);
  return replacing(real, {
    finish: (result) =>
      real.finish({ ...result, ...(result.journal ? { journal: each(result.journal) } : {}) }),
  });
}

/** The same object with some of its methods replaced. */
function replacing<T extends object>(real: T, methods: Partial<T>): T {
  return new Proxy(real, {
    get(target, property) {
      const member: unknown = Reflect.get(property in methods ? methods : target, property, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
