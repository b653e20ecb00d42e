import type { Span } from "../../formats/row.ts";

/** Where rows lie, at 17 bytes each. */
export class Spans {
  #length = 0;
  #offsets = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #lines = new Uint32Array(1024);
  #endings = new Uint8Array(1024);

  get length(): number {
    return this.#length;
  }

  add({ offset, length, ending, line }: Span): void {
    const at = this.#length++;
    if (at === this.#offsets.length) this.#grow();
    this.#offsets[at] = offset;
    this.#lengths[at] = length;
    this.#lines[at] = line;
    this.#endings[at] = ending;
  }

  at(index: number): Span {
    return {
      offset: this.#offsets[index]!,
      length: this.#lengths[index]!,
      line: this.#lines[index]!,
      ending: this.#endings[index]!,
    };
  }

  #grow(): void {
    const size = this.#offsets.length * 2;
    const larger = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#offsets = larger(this.#offsets, new Float64Array(size));
    this.#lengths = larger(this.#lengths, new Uint32Array(size));
    this.#lines = larger(this.#lines, new Uint32Array(size));
    this.#endings = larger(this.#endings, new Uint8Array(size));
  }
}
