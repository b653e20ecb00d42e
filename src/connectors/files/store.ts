import type { Format } from "../../formats/row.ts";
import type { takingTurns } from "../turns.ts";
import type { StoreFile } from "./file.ts";
import type { Bounds } from "./take-snapshot.ts";

/** Where a store's rows lie. */
export interface Place {
  /** For people, and as what the store is known by. */
  readonly title: string;
  /** The files that count now, all together. Throws a `StoreError`. */
  files(): Promise<readonly StoreFile[]>;
  /** Told of files that were read whole, before anybody goes by what they hold. Throws a `StoreError`: then nobody may. */
  wereRead(files: readonly StoreFile[]): Promise<void>;
  /** The name of the file that new rows go to; undefined where nothing may be written. */
  readonly newRows: string | undefined;
}

/** The files of one store, shared by its targets. */
export interface FileStore {
  readonly place: Place;
  readonly format: Format;
  readonly bounds: Bounds;
  /** Throws when the store was closed. */
  checkOpen(): void;
  /** Lets one target at a time write. */
  readonly inTurn: ReturnType<typeof takingTurns>;
}
