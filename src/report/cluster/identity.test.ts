import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { item, membership, report, withheld } from "../../../test/support/reports.ts";
import { statusSchemas } from "../../core/kinds/status.ts";
import type { RunReport } from "../run-report.ts";
import { type AccountKnown, type IdentityInput, identityStatus as makeStatus } from "./identity.ts";
import { issuesOf } from "./issues.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const link = { anchor: "#ada", name: "uid=ada", status: "Enabled" } as const;
const well: AccountKnown = { target: "people", link, entitlements: 2, issues: [], changed: false };

function status(input: Partial<IdentityInput>) {
  return makeStatus({
    ...{ generation: 1, previous: undefined, now, fault: undefined, accounts: [well], unseen: new Map() },
    ...input,
  });
}

const readyOf = ({ conditions = [] }: ReturnType<typeof status>) => {
  const { status: is, reason, message } = conditions.find(({ type }) => type === "Ready")!;
  return `${is} ${reason}: ${message}`;
};

/** What the run of a target leaves open for ada. */
function issues(parts: Parameters<typeof report>[0], applied?: RunReport["applied"]) {
  const run = issuesOf({ ...report(parts), applied });
  for (;;) {
    const { done, value } = run.next();
    if (done) return value.get("ada") ?? [];
  }
}

const finding = (kind: RunReport["findings"][number]["kind"], message = "because") => ({
  findings: [{ kind, message, target: "people", identity: "ada" }],
});

describe("an identity", () => {
  test.each<{ case: string; issues: AccountKnown["issues"]; state: string; ready: string }>([
    {
      case: "nothing is open",
      issues: [],
      state: "Enabled",
      ready: "True Converged: 1 account as declared: people",
    },
    {
      case: "something is unknown",
      issues: issues(finding("Held")),
      state: "Held",
      ready: "False Held: people: because",
    },
    {
      case: "two claim it",
      issues: issues(finding("Conflict")),
      state: "Conflict",
      ready: "False Conflict: people: because",
    },
    {
      case: "it is on its way",
      issues: issues(finding("Pending")),
      state: "Pending",
      ready: "False Progressing: people: because",
    },
    {
      case: "somebody else disabled it",
      issues: issues(finding("Outside")),
      state: "Held",
      ready: "False ChangedOutside: people: because",
    },
    {
      case: "a difference is only reported",
      issues: issues(finding("Drift")),
      state: "Enabled",
      ready: "True Observed: people: because",
    },
    {
      case: "a limit holds it, whose figures are the hold's to tell",
      issues: issues({
        withheld: [withheld("Budget", item({ operation: "Disable" }), "would touch 12 accounts")],
      }),
      state: "Held",
      ready:
        "False HoldWaiting: people: Disable: held by a limit of Target/people, whose status has the hold",
    },
    {
      case: "the target only observes",
      issues: issues({ withheld: [withheld("Observe", item({ operation: "Update" }), "only observes")] }),
      state: "Enabled",
      ready: "True Observed: people: Update: only observes",
    },
    {
      case: "several changes wait for one thing",
      issues: issues({
        withheld: [
          withheld("Settling", item({ operation: "Disable" }), "waits until noon"),
          withheld("Settling", membership({ operation: "Revoke" }), "waits until noon"),
        ],
      }),
      state: "Pending",
      ready: "False Progressing: people: Disable, Revoke: waits until noon",
    },
    {
      case: "a change failed, and another stands on it",
      issues: issues(
        {},
        {
          done: [],
          failed: [{ item: item({ operation: "Update" }), error: "no such attribute", kind: "Invalid" }],
          left: [membership({ operation: "Grant" })],
        },
      ),
      state: "Failed",
      ready: "False ChangesFailed: people: Update: no such attribute; people: Grant: not tried yet",
    },
    {
      case: "the worst of several is told first",
      issues: issues({
        ...finding("Conflict", "claimed twice"),
        withheld: [withheld("Settling", item({ operation: "Disable" }), "waits")],
      }),
      state: "Conflict",
      ready: "False Conflict: people: claimed twice; people: Disable: waits",
    },
  ])("whose account is $state, where $case", ({ issues: open, state, ready }) => {
    const made = status({ accounts: [{ ...well, issues: open }] });
    expect(made.accounts?.[0]?.state).toBe(state);
    expect(readyOf(made)).toBe(ready);
  });

  test("without an account has none to tell of, unless one is due", () => {
    const none = { ...well, link: undefined };
    expect(readyOf(status({ accounts: [none] }))).toBe("True NoAccounts: no account is due");
    expect(status({ accounts: [none] })).toMatchObject({ summary: "0/0" });
    const due = issues({ withheld: [withheld("Observe", item({ operation: "Create" }), "only observes")] });
    expect(status({ accounts: [{ ...none, issues: due }] })).toMatchObject({
      summary: "0/1",
      accounts: [{ target: "people", state: "Absent", message: "Create: only observes" }],
    });
  });

  test("is not ready before any Target is run, and stays what it was where all are suspended", () => {
    const none = { ...well, link: undefined };
    const resting = { accounts: [none], unseen: new Map([["people", "Resting" as const]]) };
    const untold =
      "False NoTargets: no Target is run here: declare one with its Store, or resume one that is suspended";
    expect(readyOf(status({ accounts: [] }))).toBe(untold);
    expect(readyOf(status(resting))).toBe(untold);
    const ready = status({ accounts: [none] });
    expect(readyOf(status({ ...resting, previous: ready }))).toBe("True NoAccounts: no account is due");
    expect(readyOf(status({ ...resting, previous: ready, generation: 2 }))).toBe(untold);
    const previous = status({ accounts: [] });
    expect(readyOf(status({ accounts: [none], previous }))).toBe("True NoAccounts: no account is due");
    const away = { accounts: [none], unseen: new Map([["people", "Away" as const]]) };
    expect(readyOf(status({ ...away, previous }))).toMatch("False StoreUnavailable: people");
  });

  test("has its accounts by target, with when Rollcall last changed each", () => {
    const accounts = [{ ...well, target: "wiki", changed: true }, well];
    const first = status({ accounts });
    expect(first.accounts).toEqual([
      { target: "people", state: "Enabled", name: "uid=ada", anchor: "#ada", entitlements: 2 },
      {
        ...{ target: "wiki", state: "Enabled", name: "uid=ada", anchor: "#ada", entitlements: 2 },
        lastChange: "2026-03-01T12:00:00Z",
      },
    ]);
    const second = status({
      previous: first,
      now: now + 60_000,
      accounts: accounts.map((each) => ({ ...each, changed: false })),
    });
    expect(second.accounts?.[1]?.lastChange).toBe("2026-03-01T12:00:00Z");
  });

  test("in more targets than a status can tell of is told of those that are not as declared first", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...well, target: `t${100 + index}` }));
    const accounts = many.map((each, index) =>
      index < 90 ? each : { ...each, issues: issues(finding("Conflict")) },
    );
    const made = status({ accounts });
    expect(statusSchemas.Identity.safeParse(made).error).toBeUndefined();
    expect(made.summary).toBe("90/100");
    expect(made.accounts?.filter(({ state }) => state === "Conflict")).toHaveLength(10);
    expect(made.accounts?.map(({ target }) => target)).toEqual(
      made.accounts?.map(({ target }) => target).sort(),
    );
  });

  test("that is not valid says so before all else, and what its last valid version has", () => {
    const fault = { reason: "Invalid", message: "Identity/ada is not valid" } as const;
    const made = status({ fault, accounts: [{ ...well, issues: issues(finding("Conflict")) }] });
    expect(readyOf(made)).toBe("False Invalid: Identity/ada is not valid");
    expect(made.accounts).toHaveLength(1);
  });
});

test("whatever a store says of an account, the API server takes the status and gives it back as it was", () => {
  const units = fc.array(fc.nat(0xff_ff), { maxLength: 1_500 });
  const text = fc
    .oneof(
      units,
      units.map((all) => all.map((unit) => 0xd8_00 | (unit & 0x7_ff))),
    )
    .map((all) => String.fromCharCode(...all, 0x61));
  fc.assert(
    fc.property(text, text, text, (name, anchor, message) => {
      const account = {
        ...well,
        link: { ...link, name, anchor },
        issues: issues(finding("Conflict", message)),
      };
      const made = status({ accounts: [account] });
      expect(statusSchemas.Identity.safeParse(made).error).toBeUndefined();
      const texts = [made.accounts![0]!, ...made.conditions!].flatMap((each) => Object.values(each));
      expect(texts.filter((each) => typeof each === "string" && !each.isWellFormed())).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

describe("while a target cannot be looked at", () => {
  const both = [well, { ...well, target: "wiki", link: undefined }];
  const before = status({ accounts: [well, { ...well, target: "wiki" }] });
  const away = new Map([["wiki", "Away"]] as const);

  test("an identity keeps what was known of it, and is as well as it was", () => {
    const made = status({ previous: before, accounts: both, unseen: away });
    expect(made).toEqual(before);
  });

  test("an identity that was edited is not ready: the edit has not arrived there", () => {
    const made = status({ generation: 2, previous: before, accounts: both, unseen: away });
    expect(readyOf(made)).toBe("False StoreUnavailable: wiki: cannot be looked at now: its Target says why");
    expect(made.accounts).toEqual(before.accounts);
    const still = status({ generation: 2, previous: made, accounts: both, unseen: away });
    expect(readyOf(still)).toBe(readyOf(made));
  });

  test("an identity of a target that rests keeps its account, and what was open about it", () => {
    const resting = new Map([["wiki", "Resting"]] as const);
    expect(readyOf(status({ generation: 2, previous: before, accounts: both, unseen: resting }))).toMatch(
      /^True/,
    );
    const held = status({ accounts: [well, { ...well, target: "wiki", issues: issues(finding("Held")) }] });
    expect(readyOf(status({ previous: held, accounts: both, unseen: resting }))).toBe(
      "False Held: wiki: because",
    );
  });

  test("an identity whose target is gone has no account there any longer", () => {
    expect(status({ previous: before, accounts: [well] })).toMatchObject({ summary: "1/1" });
  });
});
