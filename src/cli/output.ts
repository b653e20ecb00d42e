import { stringify } from "yaml";
import type { Terminal } from "./terminal.ts";

/** Prints a document as data, or in the words that one of the renderings finds for it. */
export async function printDocument<D>(
  terminal: Terminal,
  format: string,
  document: D,
  renderings: Readonly<Record<string, (document: D) => string>>,
): Promise<void> {
  if (format === "json") await terminal.print(`${JSON.stringify(document, undefined, 2)}\n`);
  else if (format === "yaml") await terminal.print(stringify(document, { aliasDuplicateObjects: false }));
  else await terminal.print(renderings[format]!(document));
}
