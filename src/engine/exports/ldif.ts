import type { Cell } from "../../core/expression/result.ts";
import { isName } from "../../core/model/distinguished-name.ts";
import { ldifHead, writeComment, writeLdif } from "../../formats/ldif/write.ts";
import { ExportFault } from "./fault.ts";
import type { ExportWriter } from "./writer.ts";

/** A content record a row (RFC 2849), its name from the column `dn`; what is absent is left out. */
export function ldifExport(columns: readonly string[]): ExportWriter {
  const name = columns.indexOf("dn");
  return {
    head: ldifHead,
    row(cells) {
      const dn = cells[name];
      if (typeof dn !== "string" || dn === "")
        throw new ExportFault("column dn gives no name for a row: leave the row out with when, or give one");
      if (!isName(dn))
        throw new ExportFault(`column dn gives "${dn}", which is no distinguished name: make one with dn(…)`);
      if (!dn.isWellFormed()) throw illFormed("dn", dn);
      const attributes = columns.flatMap((description, at) => {
        const values = at === name ? [] : valuesOf(cells[at]!);
        if (!values.every((value) => value.isWellFormed())) throw illFormed(description, dn);
        return values.length === 0 ? [] : [{ description, values }];
      });
      return writeLdif({ kind: "content", dn, attributes });
    },
    checksum: (sha256) => writeComment(`sha256 ${sha256}`),
    encode: (text) => Buffer.from(text),
  };
}

function illFormed(column: string, dn: string): ExportFault {
  return new ExportFault(`column ${column}, of ${dn.toWellFormed()}: it has half a character; take it out`);
}

/** As directories write them (RFC 4517 §3.3.3 for a bool). */
function valuesOf(cell: Cell): readonly string[] {
  if (cell === null || cell === "") return [];
  if (typeof cell === "boolean") return [cell ? "TRUE" : "FALSE"];
  return Array.isArray(cell) ? cell : [String(cell)];
}
