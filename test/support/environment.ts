/** The only place where the tests read or write environment variables. */

/** Where `tmpdir()` lies for this process and those it starts from now on. */
export function setTemporaryFolder(path: string): void {
  process.env.TMPDIR = path;
}
