import type { Call, ConnectorType } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { takingTurns } from "../turns.ts";
import { type CsvStoreBlock, type CsvTargetBlock, csvStoreBlock, csvTargetBlock } from "./blocks.ts";
import { csvTarget } from "./connector.ts";
import { errorRows } from "./errors.ts";
import { readWhole } from "./file.ts";
import type { Reading } from "./reading.ts";
import { parseTable } from "./table.ts";

export const csvConnector: ConnectorType<CsvStoreBlock, CsvTargetBlock> = {
  name: "csv",
  summary: "A table in a CSV file (RFC 4180), a line an account.",
  storeSchema: csvStoreBlock,
  targetSchema: csvTargetBlock,
  errors: errorRows,
  connect(block, environment) {
    const inTurn = takingTurns();
    let closed = false;
    let last: Reading | undefined;
    /** Reads the file at every call; a content that was parsed is not parsed again. */
    const read = async (call: Call): Promise<Reading> => {
      if (closed) throw new StoreError("Unavailable", `cannot use ${block.file}: its connection is closed`);
      if (call.signal.aborted)
        throw new StoreError("Retryable", `stopped reading ${block.file}: the call was aborted`);
      const path = environment.path(block.file);
      const content = await readWhole(path, block);
      if (last?.content.digest === content.digest) return last;
      const reading = { path, content, table: await parseTable(content.text, block) };
      last = reading;
      return reading;
    };
    return {
      async fingerprint(call) {
        await read(call);
        return `csv:${block.file}`;
      },
      target: (options) => csvTarget(block, read, inTurn, options),
      async close() {
        closed = true;
      },
    };
  },
};
