import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { type CallName, wrapConnector } from "./wrapper.ts";

/**
 * Holds a connector to its contract, so that a broken one stops the pass instead of misleading it: only `StoreError`s, an answer to each
 * question, no record that was not asked for, one outcome a change. A change that got none when all is over gets InDoubt.
 */
export function keepingPromises(inner: Connector): Connector {
  const guarded = wrapConnector(inner, {
    async answer(name, call, next) {
      try {
        return await next(call);
      } catch (error) {
        throw asStoreError(name, error);
      }
    },
    async *pages(name, call, next) {
      try {
        yield* next(call);
      } catch (error) {
        throw asStoreError(name, error);
      }
    },
  });
  return {
    ...guarded,
    async fetch(anchors, call) {
      const records = await guarded.fetch(anchors, call);
      const asked = new Set(anchors);
      for (const { anchor } of records) {
        if (!asked.delete(anchor))
          throw broken("fetch", `it gave ${anchor} twice, or unasked (is that id there twice in the store?)`);
      }
      return records;
    },
    async find(questions, call) {
      return oneEach("find", questions, await guarded.find(questions, call));
    },
    async entitlements(refs, call) {
      return oneEach("entitlements", refs, await guarded.entitlements(refs, call));
    },
    apply: (changes, call) => oneOutcomeEach(guarded, changes, call),
  };
}

async function* oneOutcomeEach(
  inner: Connector,
  changes: readonly StoreChange[],
  call: Call,
): AsyncGenerator<Outcome> {
  const open = new Map(changes.map((change) => [change.id, change]));
  for await (const outcome of inner.apply(changes, call)) {
    if (!open.delete(outcome.id))
      throw broken("apply", `it gave change ${outcome.id} a second outcome, or one unasked`);
    yield outcome;
  }
  for (const [id, change] of open.entries()) {
    yield {
      id,
      ok: false,
      error: new StoreError("InDoubt", `got no outcome for the change of ${change.name}`),
    };
  }
}

function oneEach<T>(name: CallName, questions: readonly unknown[], answers: readonly T[]): readonly T[] {
  if (answers.length === questions.length) return answers;
  throw broken(name, `it gave ${answers.length} answers to ${questions.length} questions`);
}

function asStoreError(name: CallName, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return broken(
    name,
    error instanceof Error ? `it threw ${error.name}: ${error.message}` : "it threw no error",
    error,
  );
}

function broken(name: CallName, what: string, cause?: unknown): StoreError {
  return new StoreError(
    name === "apply" ? "InDoubt" : "Unavailable",
    `cannot trust the connector's ${name}: ${what}; report this as a bug of the connector`,
    { cause },
  );
}
