import { normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { Row } from "../../formats/row.ts";
import type { Call, FindQuestion } from "../contract.ts";
import { AttributeIndexes, type Pair } from "../files/attribute-indexes.ts";
import type { Entries } from "./entries.ts";
import { matchingOf } from "./matching.ts";

/** Answers questions about the accounts of one reading. */
export class Finder {
  readonly #settled: Entries;
  readonly #indexes: AttributeIndexes;

  constructor(settled: Entries) {
    const { snapshot, shape } = settled.reading;
    this.#settled = settled;
    this.#indexes = new AttributeIndexes(snapshot, (row, attribute) =>
      shape.isAccount(row) ? row.values(attribute).map((value) => formOf(attribute, value)) : [],
    );
  }

  async answer(questions: readonly FindQuestion[], call: Call): Promise<readonly (readonly Row[])[]> {
    const entries = this.#settled.copy();
    const names = questions.map(({ name }) => (name === undefined ? undefined : normaliseName(name)));
    await entries.load(names.filter((name) => name !== undefined));
    const firsts = questions.map(({ keys }) => Object.entries(keys)[0]).map(pairOf);
    const rows = await this.#having(
      firsts.filter((first) => first !== undefined),
      call,
    );
    return questions.map(({ keys }, at) => {
      const [name, first] = [names[at], firsts[at]];
      if (name !== undefined) return [entries.named(name)?.now].filter((row) => this.#isAccount(row));
      const candidates = first === undefined ? [] : (rows.get(first.join("\0")) ?? []);
      return candidates.filter((row) => Object.entries(keys).every(([key, value]) => holds(row, key, value)));
    });
  }

  #isAccount(row: Row | undefined): row is Row {
    return row !== undefined && this.#settled.reading.shape.isAccount(row);
  }

  /** The accounts that hold these values, by attribute and value. */
  async #having(pairs: readonly Pair[], call: Call): Promise<ReadonlyMap<string, readonly Row[]>> {
    const { shape } = this.#settled.reading;
    const attributes = new Set(pairs.map(([attribute]) => attribute));
    const placed = await this.#indexes.candidates(pairs, call);
    const inFile = placed.map(({ row }) => row).filter((row) => !this.#settled.has(shape.nameOf(row)));
    const others = [...this.#settled.all()].flatMap(({ now }) => now ?? []);
    const found = new Map<string, Row[]>(pairs.map((pair) => [pair.join("\0"), []]));
    for (const row of [...inFile, ...others].filter((one) => shape.isAccount(one)))
      for (const attribute of attributes)
        for (const form of new Set(row.values(attribute).map((value) => formOf(attribute, value))))
          found.get(`${attribute}\0${form}`)?.push(row);
    return found;
  }
}

function pairOf(key: readonly [attribute: string, value: string] | undefined): Pair | undefined {
  return key && [key[0], formOf(...key)];
}

function holds(row: Row, attribute: string, value: string): boolean {
  const form = formOf(attribute, value);
  return row.values(attribute).some((own) => formOf(attribute, own) === form);
}

function formOf(attribute: string, value: string): string {
  return normalise(matchingOf(attribute), value);
}
