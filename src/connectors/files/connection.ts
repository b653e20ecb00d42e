import type { Call, Connector, StoreConnection, TargetOptions } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { takingTurns } from "../turns.ts";
import { withFile } from "./file.ts";
import type { FileStore } from "./store.ts";

export interface FileConnection<TargetBlock> extends Pick<FileStore, "place" | "format" | "bounds"> {
  /** The connector's name. */
  readonly name: string;
  /** The accounts of one target. Throws `Invalid` for what no file could have. */
  target(store: FileStore, options: TargetOptions<TargetBlock>): Connector;
}

/** A connection to a store that is files. There is nothing to hold open: each call opens them anew. */
export function connectFiles<TargetBlock>({
  name,
  target,
  ...parts
}: FileConnection<TargetBlock>): StoreConnection<TargetBlock> {
  const { place, format } = parts;
  let closed = false;
  const checkOpen = () => {
    if (closed) throw new StoreError("Unavailable", `cannot use ${place.title}: its connection is closed`);
  };
  const store: FileStore = { ...parts, checkOpen, inTurn: takingTurns() };
  return {
    async fingerprint(call: Call) {
      checkOpen();
      for (const file of await place.files()) await withFile(file, (open) => format.open(open.pieces(call)));
      return `${name}:${place.title}`;
    },
    target: (options) => target(store, options),
    async close() {
      closed = true;
    },
  };
}
