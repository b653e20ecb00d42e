import type { Summary } from "./content.ts";

/** How the engine gets at the files that exports write: given by `main`, which alone knows where they may lie. */
export interface ExportDesk {
  /** Whether there is such a file, as far as anybody can tell. */
  has(file: string): Promise<boolean>;
  /**
   * Puts a content in the place of what a file holds, whole or not at all: where it fails, or the content does, the old one stays.
   * `checksum`: beside it, too. Throws a `StoreError`, or what the content throws.
   */
  write(
    file: string,
    content: AsyncGenerator<Uint8Array, Summary>,
    options: { readonly checksum: boolean },
  ): Promise<Summary>;
}
