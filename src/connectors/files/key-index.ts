import { randomInt } from "node:crypto";

/**
 * Finds rows by a key, at some 16 bytes a row: it keeps hashes instead of keys, and so may answer with a row of another key. Whoever asks
 * compares. It is put in order when it is first asked, all at once: keeping it in order costs as much time again as reading a file.
 */
export class KeyIndex {
  readonly #seed = randomInt(2 ** 32);
  #size = 0;
  #rows = new Int32Array(1024);
  #hashes = new Uint32Array(1024);
  #buckets: Buckets | undefined;

  add(key: string, row: number): void {
    if (this.#size === this.#rows.length) this.#grow();
    this.#rows[this.#size] = row;
    this.#hashes[this.#size++] = hashOf(key, this.#seed);
    this.#buckets = undefined;
  }

  /** The rows that may have this key, in the order of adding. */
  candidates(key: string): number[] {
    const hash = hashOf(key, this.#seed);
    const { starts, entries } = this.#ordered();
    const found: number[] = [];
    const bucket = hash & (starts.length - 2);
    for (let at = starts[bucket]!; at < starts[bucket + 1]!; at++)
      if (this.#hashes[entries[at]!] === hash) found.push(this.#rows[entries[at]!]!);
    return found;
  }

  /** Any two rows that may have the same key, the earlier one first. */
  *pairs(): Generator<readonly [row: number, later: number]> {
    const { starts, entries } = this.#ordered();
    for (let bucket = 0; bucket < starts.length - 1; bucket++)
      for (let at = starts[bucket]! + 1; at < starts[bucket + 1]!; at++)
        for (let other = starts[bucket]!; other < at; other++)
          if (this.#hashes[entries[other]!] === this.#hashes[entries[at]!])
            yield [this.#rows[entries[other]!]!, this.#rows[entries[at]!]!];
  }

  #ordered(): Buckets {
    this.#buckets ??= bucketsOf(this.#hashes.subarray(0, this.#size));
    return this.#buckets;
  }

  #grow(): void {
    // `transfer` gives the old memory back at once.
    const bytes = this.#rows.byteLength * 2;
    this.#rows = new Int32Array(this.#rows.buffer.transfer(bytes));
    this.#hashes = new Uint32Array(this.#hashes.buffer.transfer(bytes));
  }
}

/** Entries by the low bits of their hashes: those of bucket n stand from `starts[n]` to before `starts[n + 1]`. */
interface Buckets {
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
}

/** A counting sort: three walks, in none of which one access has to wait for another. */
function bucketsOf(hashes: Uint32Array): Buckets {
  const count = 2 ** Math.ceil(Math.log2(Math.max(hashes.length, 2)));
  const starts = new Uint32Array(count + 1);
  for (const hash of hashes) starts[(hash & (count - 1)) + 1]!++;
  for (let bucket = 0; bucket < count; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const entries = new Uint32Array(hashes.length);
  const next = starts.slice(0, count);
  for (let entry = 0; entry < hashes.length; entry++) entries[next[hashes[entry]! & (count - 1)]!++] = entry;
  return { starts, entries };
}

/** 32 bits that depend on all of a text and on the seed (the mixing of MurmurHash3). */
export function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0xcc9e2d51);
    hash = (hash << 15) | (hash >>> 17);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
