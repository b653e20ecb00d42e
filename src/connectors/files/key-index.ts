import { randomInt } from "node:crypto";

/**
 * Finds rows by a key, at some 16 bytes a row: it keeps hashes instead of keys, and so may answer with a row of another key. Whoever asks
 * compares.
 */
export class KeyIndex {
  readonly #seed = randomInt(2 ** 32);
  #size = 0;
  /** By hash: the last entry of its chain; -1 where there is none. */
  #heads = new Int32Array(1024).fill(-1);
  #rows = new Int32Array(1024);
  #hashes = new Uint32Array(1024);
  /** The entry before in the chain. */
  #before = new Int32Array(1024);

  /** Returns the rows that may have this key already. */
  add(key: string, row: number): readonly number[] {
    if (this.#size === this.#rows.length) this.#grow();
    const hash = hashOf(key, this.#seed);
    const others = this.#having(hash);
    const entry = this.#size++;
    this.#rows[entry] = row;
    this.#hashes[entry] = hash;
    this.#chain(entry);
    return others;
  }

  /** The rows that may have this key, the last one first. */
  candidates(key: string): readonly number[] {
    return this.#having(hashOf(key, this.#seed));
  }

  #having(hash: number): readonly number[] {
    const found: number[] = [];
    let entry = this.#heads[hash & (this.#heads.length - 1)]!;
    for (; entry !== -1; entry = this.#before[entry]!)
      if (this.#hashes[entry] === hash) found.push(this.#rows[entry]!);
    return found;
  }

  #chain(entry: number): void {
    const place = this.#hashes[entry]! & (this.#heads.length - 1);
    this.#before[entry] = this.#heads[place]!;
    this.#heads[place] = entry;
  }

  #grow(): void {
    const bytes = this.#rows.byteLength * 2;
    this.#rows = new Int32Array(this.#rows.buffer.transfer(bytes));
    this.#hashes = new Uint32Array(this.#hashes.buffer.transfer(bytes));
    this.#before = new Int32Array(this.#before.buffer.transfer(bytes));
    this.#heads = new Int32Array(this.#heads.buffer.transfer(bytes)).fill(-1);
    for (let entry = 0; entry < this.#size; entry++) this.#chain(entry);
  }
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
