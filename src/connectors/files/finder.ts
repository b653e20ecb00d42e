import type { AccountRecord } from "../../core/model/account.ts";
import { valuesOf } from "../../core/model/values.ts";
import type { Call, FindQuestion } from "../contract.ts";
import type { Accounts } from "./accounts.ts";
import { KeyIndex } from "./key-index.ts";
import { toRecord, valuesIn } from "./layout.ts";

/** Answers questions about one reading of the files, from one index an attribute, made when first asked for. Values match exactly. */
export class Finder {
  readonly #accounts: Accounts;
  readonly #indexes = new Map<string, KeyIndex>();

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
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
  #firstKey({ keys }: FindQuestion): readonly [attribute: string, value: string] | undefined {
    const entries = Object.entries(keys);
    const answerable = entries.every(
      ([attribute, value]) => value !== "" && this.#accounts.layout.attributes.has(attribute),
    );
    return answerable ? entries[0] : undefined;
  }

  /** The accounts with these values, by attribute and value. */
  async #having(
    pairs: readonly (readonly [attribute: string, value: string])[],
    call: Call,
  ): Promise<ReadonlyMap<string, readonly AccountRecord[]>> {
    const { snapshot, layout } = this.#accounts;
    await this.#makeIndexes(new Set(pairs.map(([attribute]) => attribute)), call);
    const numbers = pairs.flatMap(([attribute, value]) => this.#indexes.get(attribute)!.candidates(value));
    const wanted = new Map<string, AccountRecord[]>(pairs.map((pair) => [pair.join("\0"), []]));
    const attributes = [...new Set(pairs.map(([attribute]) => attribute))];
    for (const { row } of await snapshot.at(numbers)) {
      const record = toRecord(row, layout);
      for (const attribute of attributes)
        for (const value of valuesOf(record.attributes, attribute))
          wanted.get([attribute, value].join("\0"))?.push(record);
    }
    return wanted;
  }

  async #makeIndexes(attributes: ReadonlySet<string>, call: Call): Promise<void> {
    const missing = [...attributes].filter((attribute) => !this.#indexes.has(attribute));
    if (missing.length === 0) return;
    const made = new Map(missing.map((attribute) => [attribute, new KeyIndex()]));
    const { snapshot, layout } = this.#accounts;
    let number = 0;
    for await (const page of snapshot.rows(call)) {
      for (const row of page) {
        for (const [attribute, index] of made)
          for (const value of valuesIn(row, attribute, layout)) index.add(value, number);
        number++;
      }
    }
    for (const [attribute, index] of made) this.#indexes.set(attribute, index);
  }
}

function matches(record: AccountRecord, { keys }: FindQuestion): boolean {
  return Object.entries(keys).every(([attribute, value]) =>
    valuesOf(record.attributes, attribute).includes(value),
  );
}
