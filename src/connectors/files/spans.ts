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
    // `transfer` gives the old memory back at once.
    const size = this.#offsets.length * 2;
    this.#offsets = new Float64Array(this.#offsets.buffer.transfer(size * 8));
    this.#lengths = new Uint32Array(this.#lengths.buffer.transfer(size * 4));
    this.#lines = new Uint32Array(this.#lines.buffer.transfer(size * 4));
    this.#endings = new Uint8Array(this.#endings.buffer.transfer(size));
  }
}
