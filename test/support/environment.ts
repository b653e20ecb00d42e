/** The only place where the tests read or write environment variables. */

/** Where `tmpdir()` lies for this process and those it starts from now on. */
export function setTemporaryFolder(path: string): void {
  process.env.TMPDIR = path;
}

/** How many random histories the laws are tried on: 1,000, or as many as `ROLLCALL_LAW_HISTORIES` says. */
export function lawHistories(): number {
  return Math.max(1000, Number(process.env.ROLLCALL_LAW_HISTORIES ?? 0));
}

/** Says where built programs lie (scripts/setup/program-path.ts). */
export function environment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}

/** Where programs are looked for. */
export function searchPath(): string {
  return process.env.PATH ?? "";
}

/** The program of a MySQL server, `ROLLCALL_TEST_MYSQLD`, on which the dialect `mysql` is then tested. */
export function mysqlProgram(): string | undefined {
  return process.env.ROLLCALL_TEST_MYSQLD || undefined;
}
