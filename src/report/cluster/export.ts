import type { ExportStatus } from "../../core/kinds/status.ts";
import { plural } from "../words.ts";
import { cut, type Observed, statusOf, type Told, timeOf } from "./conditions.ts";

export interface ExportInput extends Observed<ExportStatus> {
  readonly fault: Told | undefined;
  readonly file: string;
  /** Whether it has a schedule. */
  readonly scheduled: boolean;
  /** What came of the last time; undefined before the first since the process began. */
  readonly last:
    | {
        /** Milliseconds since the epoch. */
        readonly at: number;
        readonly written: { readonly rows: number; readonly sha256: string } | undefined;
        readonly error: { readonly kind: string; readonly message: string } | undefined;
      }
    | undefined;
  /** What `rollcall.dev/requestedAt` said when what it asked for was begun. */
  readonly handled: string | undefined;
}

/** The status of an Export. Where the last time failed, what was written before stays told. */
export function exportStatus(input: ExportInput): ExportStatus {
  const { fault, last, previous, handled } = input;
  const { rows, sha256 } = last?.written ?? previous ?? {};
  const lastSuccess = last?.written ? timeOf(last.at) : previous?.lastSuccess;
  const answered = handled === undefined ? previous?.lastHandledRequestedAt : cut(handled, 1024);
  return {
    ...statusOf(fault ?? toldOf(input), input),
    ...(rows === undefined ? {} : { rows }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(answered === undefined ? {} : { lastHandledRequestedAt: answered }),
  };
}

function toldOf({ file, scheduled, last, previous }: ExportInput): Told {
  const stays = previous?.lastSuccess === undefined ? "" : `; the file of ${previous.lastSuccess} stays`;
  if (last?.error)
    return {
      reason: needsSomebody.has(last.error.kind) ? "ExportRefused" : "ExportFailed",
      message: `${last.error.message}${stays}`,
    };
  if (last?.written) return { reason: "Exported", message: `${plural(last.written.rows, "row")} in ${file}` };
  if (scheduled) return { reason: "Progressing", message: `${file} has not been written yet` };
  return { reason: "Accepted", message: `valid: ${file} is written when somebody asks for it` };
}

/** Kinds of errors that do not pass by themselves: see `StoreErrorKind`. */
const needsSomebody: ReadonlySet<string> = new Set([
  ...["Invalid", "Denied", "NotFound", "Conflict", "Unauthenticated"],
]);
