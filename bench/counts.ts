import type { Connector } from "../src/connectors/contract.ts";
import type { State } from "../src/state/state.ts";

/** What passed between the engine and what it works with. */
export interface Counts {
  /** Records asked for by anchor. */
  fetched: number;
  /** Questions put to the store. */
  asked: number;
  /** Changes sent. */
  changes: number;
  /** Changes of an entitlement's members among them. */
  memberChanges: number;
  /** Transactions of the state. */
  stateWrites: number;
}

export function noCounts(): Counts {
  return { fetched: 0, asked: 0, changes: 0, memberChanges: 0, stateWrites: 0 };
}

/** `done` is told of each change that the store has answered. */
export function countingConnector(
  inner: Connector,
  counts: Counts,
  done: (change: number) => void,
): Connector {
  return {
    ...inner,
    fetch(anchors, call) {
      counts.fetched += anchors.length;
      return inner.fetch(anchors, call);
    },
    find(questions, call) {
      counts.asked += questions.length;
      return inner.find(questions, call);
    },
    async *apply(changes, call) {
      counts.changes += changes.length;
      counts.memberChanges += changes.filter(({ kind }) => kind === "members").length;
      for await (const outcome of inner.apply(changes, call)) {
        done(outcome.id);
        yield outcome;
      }
    },
  };
}

const writing: ReadonlySet<string | symbol> = new Set([
  "begin",
  "finish",
  "putHolds",
  "saveManifests",
  "setNotes",
  "bindStore",
]);

export function countingState(inner: State, counts: Counts): State {
  return new Proxy(inner, {
    get(state, name) {
      const member: unknown = Reflect.get(state, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (writing.has(name)) counts.stateWrites += 1;
        return member.apply(state, args);
      };
    },
  });
}
