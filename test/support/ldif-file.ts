import { readFile, writeFile } from "node:fs/promises";

/** Values by attribute, in base64 where `binary` names it. */
export type LdifValues = Record<string, string[]>;

/** An LDIF file as somebody else reads and writes it: with none of our code, the simplest that RFC 2849 allows. */
export class LdifFile {
  readonly path: string;
  readonly #binary: string;

  constructor(path: string, binary = "") {
    this.path = path;
    this.#binary = binary;
  }

  /** By name, as written. */
  async read(): Promise<Map<string, LdifValues>> {
    const text = (await readFile(this.path, "utf8")).replaceAll("\n ", "");
    const entries = new Map<string, LdifValues>();
    for (const paragraph of text.split(/\n{2,}/)) {
      const lines = paragraph.split("\n").filter((line) => line !== "" && !/^(#|version:)/.test(line));
      const [first, ...rest] = lines.map((line) => this.#line(line));
      if (first === undefined) continue;
      const values: LdifValues = {};
      for (const { name, value } of rest) values[name] = [...(values[name] ?? []), value];
      entries.set(first.value, values);
    }
    return entries;
  }

  /** Everything in base64, which is always right. */
  async write(entries: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>): Promise<void> {
    const line = (name: string, value: string) =>
      `${name}:: ${name === this.#binary ? value : Buffer.from(value).toString("base64")}\n`;
    const records = [...entries].map(([dn, values]) => {
      const lines = Object.entries(values).flatMap(([name, own]) => own.map((value) => line(name, value)));
      return [line("dn", dn), ...lines].join("");
    });
    await writeFile(this.path, `version: 1\n\n${records.join("\n")}`);
  }

  async edit(change: (entries: Map<string, LdifValues>) => void): Promise<void> {
    const entries = await this.read();
    change(entries);
    await this.write(entries);
  }

  #line(line: string): { name: string; value: string } {
    const [, name = "", coded, value = ""] = /^([^:]+):(:?) *(.*)$/.exec(line) ?? [];
    if (name === this.#binary) return { name, value: coded ? value : Buffer.from(value).toString("base64") };
    return { name, value: coded ? Buffer.from(value, "base64").toString() : value };
  }
}
