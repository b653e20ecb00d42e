import type { Snapshot } from "../../core/kinds/resource.ts";
import type { Controller } from "../../engine/controller.ts";
import type { ClusterResources } from "../../resources/kubernetes/cluster-resources.ts";
import type { State } from "../../state/state.ts";
import { takeApprovals } from "./approvals.ts";
import type { StatusBoard } from "./board.ts";
import { keyOf } from "./board-changes.ts";
import { type Asked, type AskedExport, askedExports, askedPasses } from "./passes.ts";

export interface RequestsParts {
  readonly resources: ClusterResources;
  readonly state: State;
  readonly controller: Controller;
  readonly board: StatusBoard;
  readonly now: () => number;
}

/** What people ask of a namespace's controller by objects in it: that a hold may pass, that a target is looked at. */
export class Requests {
  readonly #parts: RequestsParts;
  #approvals = "";
  /** What was last asked for, by `Kind/name`. */
  readonly #asked = new Map<string, string>();

  constructor(parts: RequestsParts) {
    this.#parts = parts;
  }

  /** Takes in what is asked for now; it is done by the controller's next steps. `complete`: of the reading. */
  async take(snapshot: Snapshot, complete: boolean): Promise<void> {
    await this.#takeApprovals(snapshot, complete);
    const { resources } = this.#parts;
    const targets = [...snapshot.objects.Target.values()].map(({ resource }) => ({
      name: resource.name,
      store: resource.spec.store.name,
    }));
    for (const asked of askedPasses(targets, (kind, name) => resources.object(kind, name)))
      if (this.#asked.get(keyOf("Target", asked.target)) !== asked.value) this.#pass(asked);
    for (const asked of askedExports(snapshot, (kind, name) => resources.object(kind, name)))
      if (this.#asked.get(keyOf("Export", asked.name)) !== asked.value) this.#export(asked);
  }

  async #takeApprovals({ objects }: Snapshot, complete: boolean): Promise<void> {
    const { resources, state, controller, board, now } = this.#parts;
    const approvals = resources.approvals();
    if (!approvals) return;
    const key = approvals.map(({ metadata }) => metadata.uid).join(" ");
    if (key === this.#approvals) return;
    const taking = { state, now: now(), complete };
    const { outcomes, targets } = await takeApprovals(approvals, objects.Target.keys(), taking);
    this.#approvals = key;
    board.approvals(outcomes);
    // What comes of it is told as of any run.
    if (targets.size > 0) controller.ask({ targets, shown: undefined }).catch(() => {});
  }

  #pass({ target, value }: Asked): void {
    const { controller, board } = this.#parts;
    this.#asked.set(keyOf("Target", target), value);
    controller.ask({ targets: new Set([target]), shown: undefined }).then(
      () => board.answered("Target", target, value),
      // It was stopped, or the state is away: whoever reads the annotation next does it.
      () => this.#asked.delete(keyOf("Target", target)),
    );
  }

  #export({ name, value }: AskedExport): void {
    const { controller, board } = this.#parts;
    this.#asked.set(keyOf("Export", name), value);
    controller.exports.insist(name).then(() => board.answered("Export", name, value));
  }
}
