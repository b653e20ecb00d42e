import type { Connector } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import type { TargetModel } from "../core/desired/target-model.ts";
import type { Attributes } from "../core/model/values.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { SeenEntitlement, State } from "../state/state.ts";
import { LinkIndex } from "./link-index.ts";
import type { Observation } from "./observe.ts";
import type { PasswordDesk } from "./password-desk.ts";
import { VainDeliveries } from "./vain-deliveries.ts";

/** One target, opened: its model, its connector, and what the state knows of it. */
export interface TargetLane {
  readonly model: TargetModel;
  readonly connector: Connector;
  /** Where its accounts lie, in words. Links hold only for the place that they were made in. */
  readonly place: string;
  /** Another way to the same accounts, whose records carry these attributes besides. */
  readonly reading: (attributes: readonly string[]) => Connector;
  readonly passwords: PasswordDesk;
  readonly vainDeliveries: VainDeliveries;
  readonly index: LinkIndex;
  /** Entitlements whose members were found converged, by anchor. */
  readonly entitlements: Map<string, SeenEntitlement>;
  readonly choices: Choices;
  /** Whether this account is linked by another target of the same place: it is nobody's here, and no orphan. */
  readonly isClaimed: (anchor: string) => boolean;
  /** When accounts were last written (ms), where the store may not show them yet. */
  readonly written: Map<string, number>;
  /** Look at every identity: set when the lane opens, and when a policy was edited. */
  everything: boolean;
  /** Identities that something has marked since the last run. */
  dirty: Set<string>;
  /** Identities that the last run left undone, or had something to report of. */
  open: Set<string>;
  /** What the last run planned and left, where nothing but an edit, somebody at the store, or a time can change what becomes of it. */
  standing: Pick<Plan, "items" | "findings"> | undefined;
  /** What the store was asked last of what people have done, where it had nothing new to tell. */
  asked: string | undefined;
  /** What the last complete scan saw; undefined before the first. */
  observation: Observation | undefined;
  /** The store's marker when that scan began. */
  marker: string | undefined;
  /** What the connector's check found wrong with the store; undefined before the first. */
  problems: readonly string[] | undefined;
}

/** Two tables of one store are two places: the same id is another account in each. */
export function placeOf(store: string, place: string | undefined): string {
  return place === undefined ? `Store/${store}` : `Store/${store}, ${place}`;
}

/** Reads what the state knows of a target. Throws a `StoreError` where the connector cannot do what the target says. */
export async function openTargetLane(
  model: TargetModel,
  { connector, reading, passwords }: Pick<TargetLane, "connector" | "reading" | "passwords">,
  state: State,
  isClaimed: (anchor: string) => boolean,
): Promise<TargetLane> {
  if (model.passwords && !connector.capabilities.passwords)
    throw new StoreError(
      "Invalid",
      `Target/${model.name} does not fit its store: it cannot set passwords, take spec.passwords out`,
    );
  const index = new LinkIndex(model);
  const choices = new Choices();
  for await (const page of state.links(model.name))
    for (const link of page) {
      index.put(link);
      choices.put(link.identity, link.decided);
    }
  for (const { identity, decided = {} } of await state.tasks({ target: model.name }))
    if (!index.of(identity)) choices.put(identity, decided);
  const entitlements = new Map(await state.entitlements(model.name));
  return {
    model,
    connector,
    place: placeOf(model.store, connector.place),
    reading,
    passwords,
    vainDeliveries: new VainDeliveries(),
    index,
    entitlements,
    choices,
    isClaimed,
    written: new Map(),
    everything: true,
    dirty: new Set(),
    open: new Set(),
    standing: undefined,
    asked: undefined,
    observation: undefined,
    marker: undefined,
    problems: undefined,
  };
}

/** What `unique()` chose for each identity of a target, and who has what. */
export class Choices {
  readonly #byIdentity = new Map<string, Attributes>();
  readonly #owners = new Map<string, string>();

  put(identity: string, decided: Attributes): void {
    if (Object.keys(decided).length === 0) return;
    this.#byIdentity.set(identity, decided);
    for (const [key, values] of Object.entries(decided))
      for (const value of values) this.#owners.set(`${key}\n${value.toLowerCase()}`, identity);
  }

  of(identity: string): Attributes {
    return this.#byIdentity.get(identity) ?? {};
  }

  isTaken(identity: string, key: string, candidate: string): boolean {
    const owner = this.#owners.get(`${key}\n${candidate.toLowerCase()}`);
    return owner !== undefined && owner !== identity;
  }
}
