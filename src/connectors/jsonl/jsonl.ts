import { jsonLinesFormat } from "../../formats/json-lines/json-lines.ts";
import type { JsonType } from "../../formats/json-lines/type.ts";
import type { ConnectorType } from "../contract.ts";
import { layoutOf } from "../files/blocks.ts";
import { connectFiles } from "../files/connection.ts";
import { filesTarget } from "../files/connector.ts";
import { fileErrorRows } from "../files/errors.ts";
import { boundsOf, placeOf } from "../files/place.ts";
import { type JsonlStoreBlock, type JsonlTargetBlock, jsonlStoreBlock, jsonlTargetBlock } from "./blocks.ts";

export const jsonlConnector: ConnectorType<JsonlStoreBlock, JsonlTargetBlock> = {
  name: "jsonl",
  summary: "A file of JSON Lines, an object an account.",
  storeSchema: jsonlStoreBlock,
  targetSchema: jsonlTargetBlock,
  errors: fileErrorRows,
  connect: (block, environment) =>
    connectFiles({
      name: "jsonl",
      place: placeOf(block, environment),
      format: jsonLinesFormat(new Map()),
      // No header tells an empty file from one that was cut off at its beginning.
      bounds: boundsOf(block, 1),
      target: (store, { block: target, attributes }) => {
        const types = typesOf(target);
        const layout = layoutOf(target, attributes, (column) => column.split("."));
        const isSingle = (column: string) => !["Strings", "Numbers", undefined].includes(types.get(column));
        return filesTarget({ ...store, format: jsonLinesFormat(types) }, { ...layout, isSingle });
      },
    }),
};

/** What the block says, and what follows from it. */
function typesOf({ types, entitlements, disabled }: JsonlTargetBlock): ReadonlyMap<string, JsonType> {
  const known = new Map<string, JsonType>(entitlements ? [[entitlements.column, "Strings"]] : []);
  const states = [disabled?.enabled, disabled?.disabled];
  if (disabled !== undefined && states.every((text) => text === "true" || text === "false"))
    known.set(disabled.column, "Boolean");
  for (const [column, type] of Object.entries(types)) known.set(column, type);
  return known;
}
