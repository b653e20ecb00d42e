import { csvFormat } from "../../formats/csv/csv.ts";
import { encodingExists } from "../../formats/encoding.ts";
import type { Format } from "../../formats/row.ts";
import type { ConnectorType } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { layoutOf } from "../files/blocks.ts";
import { connectFiles } from "../files/connection.ts";
import { filesTarget } from "../files/connector.ts";
import { fileErrorRows } from "../files/errors.ts";
import type { ValueForm } from "../files/layout.ts";
import { boundsOf, placeOf } from "../files/place.ts";
import { type CsvStoreBlock, type CsvTargetBlock, csvStoreBlock, csvTargetBlock } from "./blocks.ts";
import { dayForm, decimalForm } from "./forms.ts";

export const csvConnector: ConnectorType<CsvStoreBlock, CsvTargetBlock> = {
  name: "csv",
  summary: "A table in a CSV file (RFC 4180), a line an account.",
  storeSchema: csvStoreBlock,
  targetSchema: csvTargetBlock,
  errors: fileErrorRows,
  connect: (block, environment) =>
    connectFiles({
      name: "csv",
      place: placeOf(block, environment),
      format: formatOf(block),
      bounds: boundsOf(block, 0),
      target: (store, { block: target, attributes }) =>
        filesTarget(store, { ...layoutOf(target, attributes), forms: formsOf(target) }),
    }),
};

function formsOf({ dates, decimals }: CsvTargetBlock): ReadonlyMap<string, ValueForm> {
  const days = Object.entries(dates).map(([column, pattern]) => [column, dayForm(pattern)] as const);
  const numbers = Object.entries(decimals).map(([column, sign]) => [column, decimalForm(sign)] as const);
  return new Map([...days, ...numbers]);
}

function formatOf(block: CsvStoreBlock): Format {
  const format = csvFormat(block);
  return {
    ...format,
    async open(bytes) {
      if (encodingExists(block.encoding)) return format.open(bytes);
      throw new StoreError("Invalid", `cannot read CSV: there is no encoding ${block.encoding}; set another`);
    },
  };
}
