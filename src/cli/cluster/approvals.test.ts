import { beforeEach, describe, expect, test } from "vitest";
import { hold } from "../../../test/support/state/samples.ts";
import type { ClusterObject } from "../../resources/kubernetes/objects.ts";
import { openState } from "../../state/open.ts";
import type { State } from "../../state/state.ts";
import { takeApprovals } from "./approvals.ts";

const hash = "a".repeat(64);
let state: State;

beforeEach(async () => {
  state = await openState(":memory:", { realm: "acme", mode: "write", initialise: true });
  await state.putHolds("people", [hold(hash, { target: "people", at: 0, expires: 1_000 })]);
});

function approval(uid: string, of = hash): ClusterObject {
  const metadata = {
    ...{ name: `approval-${uid}`, namespace: "acme", uid },
    ...{ resourceVersion: "1", generation: 1, creationTimestamp: "2026-01-01T00:00:00Z" },
  };
  const spec = { hold: { target: "people", hash: of }, approver: "zoe" };
  return { apiVersion: "rollcall.dev/v1alpha1", kind: "Approval", metadata, spec };
}

const take = (objects: readonly ClusterObject[], complete = true, now = 10) =>
  takeApprovals(objects, ["people"], { state, now, complete });
const approvedBy = async () => (await state.holds("people")).map(({ approved }) => approved?.by);

/** What was approved was done, and the very same is held once more. */
async function heldAgain(): Promise<void> {
  await state.putHolds("people", []);
  await state.putHolds("people", [hold(hash, { target: "people", at: 0, expires: 1_000 })]);
}

describe("an Approval", () => {
  test("lets the hold pass in its approver's name, and has the target run", async () => {
    expect(await take([approval("1")])).toEqual({
      outcomes: new Map([["approval-1", "Approved"]]),
      targets: new Set(["people"]),
    });
    expect(await approvedBy()).toEqual(["zoe"]);
  });

  test("is used once: the same held again is a new question", async () => {
    await take([approval("1")]);
    await heldAgain();
    const { outcomes, targets } = await take([approval("1")]);
    expect([...outcomes.values(), ...targets]).toEqual(["Approved"]);
    expect(await approvedBy()).toEqual([undefined]);
  });

  test.each([
    ["of a hold that there is not", approval("1", "b".repeat(64)), 10],
    ["of a hold that has expired", approval("1"), 2_000],
  ])("%s lets nothing pass, not even later", async (_, object, now) => {
    expect([...(await take([object], true, now)).outcomes.values()]).toEqual(["HoldGone"]);
    await take([object]);
    expect(await approvedBy()).toEqual([undefined]);
  });

  test("that is not seen for a while is not forgotten before it is proven to be gone", async () => {
    await take([approval("1")]);
    await heldAgain();
    await take([], false);
    await take([approval("1")]);
    expect(await approvedBy()).toEqual([undefined]);
    await take([]);
    expect([...(await state.notes("people")).keys()]).toEqual([]);
  });
});
