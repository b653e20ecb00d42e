import type { Call, StoreConnection } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { takingTurns } from "../turns.ts";
import { type FileStore, filesTarget } from "./connector.ts";
import { withFile } from "./file.ts";
import type { Layout } from "./layout.ts";

export interface FileConnection<TargetBlock> extends Pick<FileStore, "place" | "format" | "bounds"> {
  /** The connector's name. */
  readonly name: string;
  /** Throws `Invalid` for what no file could have. */
  layout(block: TargetBlock, attributes: readonly string[]): Layout;
}

/** A connection to a store that is files. There is nothing to hold open: each call opens them anew. */
export function connectFiles<TargetBlock>({
  name,
  layout,
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
    target: ({ block, attributes }) => filesTarget(store, layout(block, attributes)),
    async close() {
      closed = true;
    },
  };
}
