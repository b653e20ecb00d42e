import type { LdifStyle } from "../formats/ldif/style.ts";
import { ldifHead } from "../formats/ldif/write.ts";
import { journalText } from "../report/journal.ts";
import { journalLdif } from "../report/journal-ldif.ts";
import { plural } from "../report/words.ts";
import type { JournalLineDocument } from "./journal-document.ts";
import type { Terminal } from "./terminal.ts";

/** Prints lines of the journal in the format that was asked for. */
export class JournalPrinter {
  #terminal: Terminal;
  #format: string | undefined;
  #styleOf: (target: string) => LdifStyle;
  #printed = 0;
  #leftOut = 0;

  constructor(terminal: Terminal, format: string | undefined, styleOf: (target: string) => LdifStyle) {
    this.#terminal = terminal;
    this.#format = format;
    this.#styleOf = styleOf;
  }

  /** Lines in one go: a journal is long. */
  async print(lines: readonly JournalLineDocument[]): Promise<void> {
    const texts = lines.map((line) => this.#textOf(line)).filter((text) => text !== undefined);
    this.#leftOut += lines.length - texts.length;
    if (texts.length === 0) return;
    const head = this.#format === "ldif" && this.#printed === 0 ? ldifHead : "";
    this.#printed += texts.length;
    await this.#terminal.print(head + texts.join(""));
  }

  /** Says what there was not. */
  end(): void {
    if (this.#printed + this.#leftOut === 0) this.#terminal.note("The journal has nothing of that.");
    if (this.#leftOut > 0)
      this.#terminal.note(`Left out what changed no directory: ${plural(this.#leftOut, "line")}.`);
  }

  #textOf(line: JournalLineDocument): string | undefined {
    if (this.#format === "json") return `${JSON.stringify(line)}\n`;
    const dated = { ...line, at: Date.parse(line.at) };
    return this.#format === "ldif" ? journalLdif(dated, this.#styleOf(line.target)) : journalText(dated);
  }
}
