import type { State } from "../../src/state/state.ts";
import type { World } from "./world.ts";

export class Killed extends Error {}

export type StateMoment = `${"before" | "after"} ${"begin" | "finish"}`;

/** A state whose process dies around a write, whenever `dies` says so. */
export function mortalState(dies: (moment: StateMoment) => boolean): (state: State) => State {
  const pass = (moment: StateMoment) => {
    if (dies(moment)) throw new Killed();
  };
  return (state) =>
    new Proxy(state, {
      get(target, property) {
        const member = Reflect.get(target, property, target) as unknown;
        if (typeof member !== "function") return member;
        const call = member.bind(target) as (...given: unknown[]) => Promise<unknown>;
        if (property !== "begin" && property !== "finish") return call;
        return async (...given: unknown[]) => {
          pass(`before ${property}`);
          await call(...given);
          pass(`after ${property}`);
        };
      },
    });
}

/** Applies until it comes through, as often as it is killed. Gives whether it was. */
export async function applyThrough(world: World): Promise<boolean> {
  for (let died = false; ; died = true)
    try {
      await world.apply();
      return died;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      world.restart();
    }
}
