/** What the state keeps of an export, for the schedule and for `status`. */
export interface ExportNotes {
  /** When it was last written (ms), and by which digest of its manifest; absent where it never was. */
  readonly last?: { readonly at: number; readonly digest: string };
  /** Of the file that was last written. */
  readonly rows?: number;
  readonly sha256?: string;
  /** Why it could not be written since. */
  readonly error?: string;
}

/** Under which name notes of an export are kept beside those of targets: no target has one like it. */
export function exportNoteKey(name: string): string {
  return `Export/${name}`;
}

/** What a time came to, as notes. What was written before stays in them where this one failed. */
export function notesOfExport(
  digest: string,
  report: {
    readonly at: number;
    readonly written: { readonly rows: number; readonly sha256: string } | undefined;
    readonly error: { readonly message: string } | undefined;
  },
): Readonly<Record<string, string | undefined>> {
  const { at, written, error } = report;
  if (!written) return { error: error?.message };
  const { rows, sha256 } = written;
  return { lastExport: String(at), digest, rows: String(rows), sha256, error: undefined };
}

export function exportNotesIn(notes: ReadonlyMap<string, string>): ExportNotes {
  const [at, digest, rows] = ["lastExport", "digest", "rows"].map((name) => notes.get(name));
  const [sha256, error] = ["sha256", "error"].map((name) => notes.get(name));
  return {
    ...(at !== undefined && digest !== undefined ? { last: { at: Number(at), digest } } : {}),
    ...(rows === undefined ? {} : { rows: Number(rows) }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(error === undefined ? {} : { error }),
  };
}
