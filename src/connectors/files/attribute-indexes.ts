import type { Row } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import { KeyIndex } from "./key-index.ts";
import type { Placed, Snapshot } from "./snapshot.ts";

/** An attribute, and a value in the form in which values are compared. */
export type Pair = readonly [attribute: string, form: string];

/** Finds a snapshot's rows by the values of attributes: an index for each attribute, made when it is first asked for. */
export class AttributeIndexes {
  readonly #snapshot: Snapshot;
  readonly #formsIn: (row: Row, attribute: string) => readonly string[];
  readonly #indexes = new Map<string, KeyIndex>();

  /** `formsIn` gives the values of a row that is looked for by them, in the form in which they are compared. */
  constructor(snapshot: Snapshot, formsIn: (row: Row, attribute: string) => readonly string[]) {
    this.#snapshot = snapshot;
    this.#formsIn = formsIn;
  }

  /** All rows that have one of these, and a few that have none: whoever asks compares. */
  async candidates(pairs: readonly Pair[], call: Call): Promise<readonly Placed[]> {
    await this.#make(new Set(pairs.map(([attribute]) => attribute)), call);
    const numbers = pairs.flatMap(([attribute, form]) => this.#indexes.get(attribute)!.candidates(form));
    return this.#snapshot.at(numbers);
  }

  async #make(attributes: ReadonlySet<string>, call: Call): Promise<void> {
    const missing = [...attributes].filter((attribute) => !this.#indexes.has(attribute));
    if (missing.length === 0) return;
    const made = new Map(missing.map((attribute) => [attribute, new KeyIndex()]));
    let number = 0;
    for await (const page of this.#snapshot.rows(call))
      for (const row of page) {
        for (const [attribute, index] of made)
          for (const form of this.#formsIn(row, attribute)) index.add(form, number);
        number++;
      }
    for (const [attribute, index] of made) this.#indexes.set(attribute, index);
  }
}
