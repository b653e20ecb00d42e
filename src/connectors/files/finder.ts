import type { AccountRecord } from "../../core/model/account.ts";
import { valuesOf } from "../../core/model/values.ts";
import type { Call, FindQuestion } from "../contract.ts";
import type { Accounts } from "./accounts.ts";
import { AttributeIndexes, type Pair } from "./attribute-indexes.ts";
import { toRecord, valuesIn } from "./layout.ts";

/** Answers questions about one reading of the files. Values match exactly. */
export class Finder {
  readonly #accounts: Accounts;
  readonly #indexes: AttributeIndexes;

  constructor(accounts: Accounts) {
    const { snapshot, layout } = accounts;
    this.#accounts = accounts;
    this.#indexes = new AttributeIndexes(snapshot, (row, attribute) => valuesIn(row, attribute, layout));
  }

  async answer(
    questions: readonly FindQuestion[],
    call: Call,
  ): Promise<readonly (readonly AccountRecord[])[]> {
    const { snapshot, byName, layout } = this.#accounts;
    const names = questions.flatMap(({ name }) => name ?? []);
    const named = await snapshot.find(byName, names);
    const keys = questions.map((question) => this.#firstKey(question));
    const having = await this.#having(
      keys.filter((key) => key !== undefined),
      call,
    );
    return questions.map((question, at) => {
      if (question.name !== undefined) {
        const found = named.get(question.name);
        return found === undefined ? [] : [toRecord(found.row, layout)];
      }
      const key = keys[at];
      const found = key === undefined ? [] : (having.get(key.join("\0")) ?? []);
      return found.filter((record) => matches(record, question));
    });
  }

  /** Undefined where nothing can match: no such column, or the empty value, which is none. */
  #firstKey({ keys }: FindQuestion): Pair | undefined {
    const entries = Object.entries(keys);
    const answerable = entries.every(
      ([attribute, value]) => value !== "" && this.#accounts.layout.attributes.has(attribute),
    );
    return answerable ? entries[0] : undefined;
  }

  /** The accounts with these values, by attribute and value. */
  async #having(pairs: readonly Pair[], call: Call): Promise<ReadonlyMap<string, readonly AccountRecord[]>> {
    const { layout } = this.#accounts;
    const wanted = new Map<string, AccountRecord[]>(pairs.map((pair) => [pair.join("\0"), []]));
    const attributes = [...new Set(pairs.map(([attribute]) => attribute))];
    for (const { row } of await this.#indexes.candidates(pairs, call)) {
      const record = toRecord(row, layout);
      for (const attribute of attributes)
        for (const value of valuesOf(record.attributes, attribute))
          wanted.get([attribute, value].join("\0"))?.push(record);
    }
    return wanted;
  }
}

function matches(record: AccountRecord, { keys }: FindQuestion): boolean {
  return Object.entries(keys).every(([attribute, value]) =>
    valuesOf(record.attributes, attribute).includes(value),
  );
}
