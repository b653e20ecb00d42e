import type { TargetReport } from "../engine/run.ts";
import { StateError } from "../state/errors.ts";
import { openState } from "../state/open.ts";
import type { ShownPlan, State } from "../state/state.ts";
import type { Context, Flag } from "./command.ts";
import { askController } from "./controller-client.ts";
import { folderFlag, reachFlags, stateFlag, targetFlag } from "./flags.ts";
import type { Session } from "./session.ts";

/**
 * Keeps what a person was shown, for `apply --plan`, and what it holds, for `approve`: in the state, for a moment opened for writing, or by the controller that has it.
 * Returns why it could not be kept: the plan is as good without.
 */
export async function keepPlan(
  session: Session,
  plan: ShownPlan,
  reports: readonly TargetReport[],
): Promise<string | undefined> {
  try {
    await whileWriting(session, async (state) => {
      if (plan.items.size > 0) await state.savePlan(plan);
      for (const { target, holds, error } of reports) if (!error) await state.putHolds(target, holds);
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    if (error.kind !== "Locked") return error.message;
    const items = [...plan.items];
    const answer = await askController(session.state.place, { do: "remember", hash: plan.hash, items });
    if (!answer) return error.message;
    return answer.ok ? undefined : answer.error;
  }
}

/** Does one thing that writes, whether or not the session does. */
export async function whileWriting<T>(
  { state, statePlace, writes }: Session,
  work: (state: State) => Promise<T>,
): Promise<T> {
  if (writes) return work(state);
  const writable = await openState(statePlace, { realm: state.realm, mode: "write" });
  try {
    return await work(writable);
  } finally {
    await writable.close();
  }
}

/** The flags that lead another command to the same place, as a shell takes them. `flags`: those that it takes. */
export function sameFlags(
  { args }: Pick<Context, "args">,
  flags: readonly Flag[] = [folderFlag, stateFlag, ...reachFlags, targetFlag],
): string {
  return flags
    .flatMap((flag) =>
      args.texts(flag).map((value) => `${flag.short ? `-${flag.short}` : `--${flag.name}`} ${quoted(value)}`),
    )
    .join(" ");
}

/** A URL may hold a password: it is not repeated. */
function quoted(value: string): string {
  if (/^\w+:\/\//.test(value)) return "…";
  return /^[\w./:@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
