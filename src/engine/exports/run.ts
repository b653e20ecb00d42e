import { StoreError } from "../../connectors/errors.ts";
import type { ExportSpec } from "../../core/kinds/export.ts";
import type { Resource } from "../../core/kinds/resource.ts";
import { exportContent, type Summary } from "./content.ts";
import type { ExportDesk } from "./desk.ts";
import { ExportFault } from "./fault.ts";
import type { Pages } from "./open.ts";

/** What came of one export. */
export interface ExportReport {
  readonly name: string;
  /** Of the Export as it was when this was begun. */
  readonly digest: string;
  /** When it was begun (ms): the file tells what was so then or a little later. */
  readonly at: number;
  readonly milliseconds: number;
  /** Undefined where nothing was written. */
  readonly written: Summary | undefined;
  readonly error: StoreError | undefined;
}

/** Writes an export's file: whole, or not at all. Throws as `Pages` and the desk do. */
export function writeExport(spec: ExportSpec, pages: Pages, desk: ExportDesk): Promise<Summary> {
  const columns = spec.columns.map(({ name }) => name);
  const content = exportContent(spec, columns, pages);
  return desk.write(spec.file, content, { checksum: spec.checksum === "File" });
}

/** Does what an export takes, and tells what came of it. Throws what is neither the store's fault, nor the file's or the manifest's. */
export async function reported(
  { name, digest }: Resource<"Export">,
  now: () => number,
  work: () => Promise<Summary>,
): Promise<ExportReport> {
  const at = now();
  const done = (written: Summary | undefined, error: StoreError | undefined): ExportReport => ({
    ...{ name, digest, at, written, error },
    milliseconds: now() - at,
  });
  try {
    return done(await work(), undefined);
  } catch (error) {
    if (error instanceof StoreError) return done(undefined, error);
    if (!(error instanceof ExportFault)) throw error;
    return done(undefined, new StoreError("Invalid", `cannot make Export/${name}: ${error.message}`));
  }
}
