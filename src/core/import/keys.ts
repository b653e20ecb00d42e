import type { TargetModel } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import { getOrAdd } from "../model/maps.ts";
import { accountsByKey, candidatesFor } from "../plan/candidates.ts";
import { correlate } from "../plan/correlate.ts";
import { proofs, strongKeys } from "../plan/remember.ts";
import type { Examined } from "./examine.ts";
import type { Doubt, Remark } from "./remark.ts";

export interface KeyInput {
  readonly model: TargetModel;
  /** All accounts that no identity explains. */
  readonly records: readonly AccountRecord[];
  /** The identity that is linked with this proof of who it is. */
  readonly ownerOfProof: (proof: string) => string | undefined;
}

/** Accounts by what their keys prove: who shares a proof is left out, unless all others of that person are disabled. */
export function withoutDuplicates(
  { model, ownerOfProof }: KeyInput,
  examined: readonly Examined[],
): readonly Examined[] {
  const sharing = new Map<string, Examined[]>();
  const proofsOf = ({ desired, omitted }: Examined) =>
    desired && !omitted ? proofs(model, strongKeys(model, desired)) : [];
  for (const one of examined) for (const proof of proofsOf(one)) getOrAdd(sharing, proof, () => []).push(one);
  return examined.map((one) => {
    for (const proof of proofsOf(one)) {
      const owner = ownerOfProof(proof);
      const all = sharing.get(proof) ?? [];
      const active = all.filter(isActive);
      const isTheOne = owner === undefined && (all.length === 1 || (active.length === 1 && isActive(one)));
      if (isTheOne) continue;
      const { name } = one.record;
      const detail = owner === undefined ? proof : `${proof}, of the linked Identity ${owner}`;
      return { ...one, omitted: { kind: "DuplicateKey", name, detail } };
    }
    return one;
  });
}

const isActive = ({ record }: Examined) => record.enabled !== false;

/** Whether an identity has to name its account, since no rule would find that one alone; and what is doubtful about its keys. */
export interface Matched {
  readonly pin: boolean;
  readonly remark: Remark | undefined;
}

/** Asks of each active account what correlation would find for its identity. */
export function matcher({ model, records }: KeyInput): (one: Examined) => Matched {
  const known = accountsByKey(model, records);
  const proving = model.match.some(({ strong }) => strong)
    ? model.match.filter(({ strong }) => strong)
    : model.match;
  const keys = proving.map((rule) => rule.keys.join(" and ")).join(" or ");
  return ({ record, desired }) => {
    const { name } = record;
    const remark = (kind: Doubt, detail: string): Remark => ({ kind, name, detail });
    if (!desired) return { pin: true, remark: undefined };
    const candidates = candidatesFor(model, known, { desired, pinned: undefined });
    const found = correlate(model, { pinned: undefined, candidates }, desired);
    const pin = found.result !== "Match" || found.record.anchor !== record.anchor;
    const has = (key: string) =>
      (desired.attributes.find((each) => each.schema.name === key)?.values.length ?? 0) > 0;
    const isProven = proving.some((rule) => rule.keys.every(has));
    if (proving.length > 0 && !isProven) return { pin, remark: remark("MissingKey", `no ${keys}`) };
    const shared = pin ? model.match.find((rule) => rule.keys.every(has)) : undefined;
    if (!shared || found.result !== "Conflict" || candidates.length < 2) return { pin, remark: undefined };
    const values = shared.keys.map((key) => `${key} ${record.attributes[key]?.join(", ") ?? ""}`);
    return { pin, remark: remark("SharedKey", values.join(" and ")) };
  };
}
