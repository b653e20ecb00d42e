import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { NewPassword } from "../contract.ts";
import type { MemoryPassword } from "./content.ts";

/** Characters that the store's policy asks for. */
export const shortestPassword = 8;

/** Cheap, for tests make thousands; still no password can be read back from a store's file. */
const cost = { N: 256, r: 8, p: 1 };
const length = 32;

/** The passwords of a store's accounts, by anchor. They are no part of an account's version: they can be tried, not read. */
export class MemoryPasswords {
  #known = new Map<string, MemoryPassword>();

  get entries(): ReadonlyMap<string, MemoryPassword> {
    return this.#known;
  }

  /** Undefined leaves what is there. */
  set(anchor: string, password: NewPassword | undefined): void {
    if (password === undefined) return;
    const salt = randomBytes(16);
    const hash = scryptSync(password.value, salt, length, cost);
    const { mustChange } = password;
    this.#known.set(anchor, { salt: salt.toString("base64"), hash: hash.toString("base64"), mustChange });
  }

  isOf(anchor: string, password: string): boolean {
    const known = this.#known.get(anchor);
    if (known === undefined) return false;
    const tried = scryptSync(password, Buffer.from(known.salt, "base64"), length, cost);
    return timingSafeEqual(tried, Buffer.from(known.hash, "base64"));
  }

  drop(anchor: string): void {
    this.#known.delete(anchor);
  }

  restore(content: Iterable<readonly [string, MemoryPassword]>): void {
    this.#known = new Map(content);
  }
}
