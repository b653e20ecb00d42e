import { randomInt } from "node:crypto";

/**
 * Finds rows by a key, at some 10 bytes a row: it keeps hashes instead of keys, and so may answer with a row of another key. Whoever asks
 * compares. It is put in order when it is first asked, all at once: keeping it in order costs as much time again as reading a file.
 */
export class KeyIndex {
  readonly #seed = randomInt(2 ** 32);
  #size = 0;
  #rows = new Int32Array(1024);
  #hashes = new Uint32Array(1024);
  /** Where each bucket begins, once the entries stand in the order of theirs; the last one is where all end. */
  #starts: Uint32Array | undefined;

  add(key: string, row: number): void {
    if (this.#size === this.#rows.length) this.#grow();
    this.#rows[this.#size] = row;
    this.#hashes[this.#size++] = hashOf(key, this.#seed);
    this.#starts = undefined;
  }

  /** The rows that may have this key, in the order of adding. */
  candidates(key: string): number[] {
    const hash = hashOf(key, this.#seed);
    const starts = this.#ordered();
    const bucket = hash & (starts.length - 2);
    const found: number[] = [];
    for (let at = starts[bucket]!; at < starts[bucket + 1]!; at++)
      if (this.#hashes[at] === hash) found.push(this.#rows[at]!);
    return found;
  }

  /** Any two rows that may have the same key, the one that was added earlier first. */
  *pairs(): Generator<readonly [row: number, later: number]> {
    const starts = this.#ordered();
    const hashes = this.#hashes;
    for (let bucket = 0; bucket < starts.length - 1; bucket++)
      for (let at = starts[bucket]! + 1; at < starts[bucket + 1]!; at++)
        for (let other = starts[bucket]!; other < at; other++)
          if (hashes[other] === hashes[at]) yield [this.#rows[other]!, this.#rows[at]!];
  }

  /** Sorts by bucket, the low bits of the hash, counting: no access has to wait for the one before. */
  #ordered(): Uint32Array {
    if (this.#starts !== undefined) return this.#starts;
    const [rows, hashes, size] = [this.#rows, this.#hashes, this.#size];
    const count = 2 ** Math.max(1, Math.ceil(Math.log2(size / entriesInBucket)));
    const starts = new Uint32Array(count + 1);
    for (let at = 0; at < size; at++) starts[(hashes[at]! & (count - 1)) + 1]!++;
    for (let bucket = 0; bucket < count; bucket++) starts[bucket + 1]! += starts[bucket]!;
    this.#rows = new Int32Array(rows.length);
    this.#hashes = new Uint32Array(hashes.length);
    const next = starts.slice(0, count);
    for (let at = 0; at < size; at++) {
      const place = next[hashes[at]! & (count - 1)]!++;
      this.#rows[place] = rows[at]!;
      this.#hashes[place] = hashes[at]!;
    }
    this.#starts = starts;
    return starts;
  }

  #grow(): void {
    // `transfer` gives the old memory back at once.
    const bytes = this.#rows.byteLength * 2;
    this.#rows = new Int32Array(this.#rows.buffer.transfer(bytes));
    this.#hashes = new Uint32Array(this.#hashes.buffer.transfer(bytes));
  }
}

/** So few that a bucket is walked quickly, and so many that all of their beginnings stay in a processor's cache. */
const entriesInBucket = 8;

/**
 * 32 bits that depend on all of a text and on the seed, two characters at a time. Two multiplications a step (by MurmurHash3's numbers): with
 * one, the highest bit of a pair was a known bit of the next one, and texts that differ in both had the same hash whatever the seed.
 */
export function hashOf(text: string, seed: number): number {
  const pairs = text.length & ~1;
  let hash = seed ^ text.length;
  for (let at = 0; at < pairs; at += 2) {
    hash = Math.imul(hash ^ (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)), 0xcc9e2d51);
    hash = Math.imul(hash ^ (hash >>> 15), 0x1b873593);
  }
  if (pairs < text.length) hash = Math.imul(hash ^ text.charCodeAt(pairs), 0xcc9e2d51);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
