import type { ConnectorEnvironment } from "../contract.ts";
import type { StoreFile } from "./file.ts";

/** Where a store's rows lie. */
export interface Place {
  /** For people, and as what the store is known by. */
  readonly title: string;
  /** The files that count now, all together. Throws a `StoreError`. */
  files(): Promise<readonly StoreFile[]>;
  /** The name of the file that new rows go to; undefined where nothing may be written. */
  readonly newRows: string | undefined;
}

/** Which files, as a Store's block has it: exactly one of these. */
export interface PlaceBlock {
  readonly file?: string | undefined;
  readonly files?: { readonly names: readonly string[]; readonly newRows?: string | undefined } | undefined;
}

export function placeOf({ file, files }: PlaceBlock, environment: ConnectorEnvironment): Place {
  const names = files?.names ?? [file!];
  return {
    title: names.join(", "),
    files: async () => names.map((name) => ({ name, path: environment.path(name) })),
    newRows: files?.newRows ?? names[0],
  };
}
