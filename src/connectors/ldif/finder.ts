import { normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { Row } from "../../formats/row.ts";
import type { Call, FindQuestion } from "../contract.ts";
import { KeyIndex } from "../files/key-index.ts";
import type { Entries } from "./entries.ts";
import { matchingOf } from "./matching.ts";

/** Answers questions about the accounts of one reading, from one index an attribute, made when first asked for. */
export class Finder {
  readonly #settled: Entries;
  readonly #indexes = new Map<string, KeyIndex>();

  constructor(settled: Entries) {
    this.#settled = settled;
  }

  async answer(questions: readonly FindQuestion[], call: Call): Promise<readonly (readonly Row[])[]> {
    const entries = this.#settled.copy();
    const names = questions.map(({ name }) => (name === undefined ? undefined : normaliseName(name)));
    await entries.load(names.filter((name) => name !== undefined));
    const firsts = questions.map(({ keys }) => Object.entries(keys)[0]);
    const rows = await this.#having(
      firsts.filter((first) => first !== undefined),
      call,
    );
    return questions.map(({ keys }, at) => {
      const [name, first] = [names[at], firsts[at]];
      if (name !== undefined) return [entries.named(name)?.now].filter((row) => this.#isAccount(row));
      const candidates = first === undefined ? [] : (rows.get(keyOf(...first)) ?? []);
      return candidates.filter((row) => Object.entries(keys).every(([key, value]) => holds(row, key, value)));
    });
  }

  #isAccount(row: Row | undefined): row is Row {
    return row !== undefined && this.#settled.reading.shape.isAccount(row);
  }

  /** The accounts that hold these values, by attribute and value. */
  async #having(
    pairs: readonly (readonly [attribute: string, value: string])[],
    call: Call,
  ): Promise<ReadonlyMap<string, readonly Row[]>> {
    const { snapshot, shape } = this.#settled.reading;
    const attributes = new Set(pairs.map(([attribute]) => attribute));
    await this.#makeIndexes(attributes, call);
    const numbers = pairs.flatMap(([attribute, value]) =>
      this.#indexes.get(attribute)!.candidates(formOf(attribute, value)),
    );
    const placed = await snapshot.at(numbers);
    const inFile = placed.map(({ row }) => row).filter((row) => !this.#settled.has(shape.nameOf(row)));
    const others = [...this.#settled.all()].flatMap(({ now }) => now ?? []);
    const found = new Map<string, Row[]>(pairs.map((pair) => [keyOf(...pair), []]));
    for (const row of [...inFile, ...others].filter((one) => shape.isAccount(one)))
      for (const attribute of attributes)
        for (const form of new Set(row.values(attribute).map((value) => formOf(attribute, value))))
          found.get(`${attribute}\0${form}`)?.push(row);
    return found;
  }

  async #makeIndexes(attributes: ReadonlySet<string>, call: Call): Promise<void> {
    const missing = [...attributes].filter((attribute) => !this.#indexes.has(attribute));
    if (missing.length === 0) return;
    const made = new Map(missing.map((attribute) => [attribute, new KeyIndex()]));
    const { snapshot, shape } = this.#settled.reading;
    let number = 0;
    for await (const page of snapshot.rows(call))
      for (const row of page) {
        if (shape.isAccount(row))
          for (const [attribute, index] of made)
            for (const value of row.values(attribute)) index.add(formOf(attribute, value), number);
        number++;
      }
    for (const [attribute, index] of made) this.#indexes.set(attribute, index);
  }
}

function keyOf(attribute: string, value: string): string {
  return `${attribute}\0${formOf(attribute, value)}`;
}

function holds(row: Row, attribute: string, value: string): boolean {
  const form = formOf(attribute, value);
  return row.values(attribute).some((own) => formOf(attribute, own) === form);
}

function formOf(attribute: string, value: string): string {
  return normalise(matchingOf(attribute), value);
}
