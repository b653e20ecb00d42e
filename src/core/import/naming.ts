import type { KindName } from "../kinds/kinds.ts";

/** Gives objects names that Kubernetes takes (RFC 1123) and that are not taken. */
export class Naming {
  readonly #taken: (kind: KindName, name: string) => boolean;
  readonly #given = new Set<string>();
  /** By kind and base, the last number given: thousands of accounts may share one. */
  readonly #last = new Map<string, number>();

  constructor(taken: (kind: KindName, name: string) => boolean) {
    this.#taken = taken;
  }

  name(kind: KindName, wanted: string): string {
    const plain = wanted
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\p{M}/gu, "")
      .replace(/[^a-z0-9.]+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, 200)
      .replace(/[-.]+$/, "");
    const base = plain === "" ? "unnamed" : plain;
    for (let number = (this.#last.get(`${kind}/${base}`) ?? 0) + 1; ; number++) {
      const name = number === 1 ? base : `${base}-${number}`;
      if (this.#taken(kind, name) || this.#given.has(`${kind}/${name}`)) continue;
      this.#given.add(`${kind}/${name}`);
      this.#last.set(`${kind}/${base}`, number);
      return name;
    }
  }
}
