import { rmSync } from "node:fs";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mysqlProgram, setTemporaryFolder } from "./environment.ts";

/** One temporary folder for the whole run, so that nothing is left behind whatever becomes of the single tests. */
export async function setup(): Promise<void> {
  if (mysqlProgram() === undefined)
    console.log(
      "The dialect mysql is tested on MariaDB, and MySQL's own users are not: name a server in ROLLCALL_TEST_MYSQLD (CONTRIBUTING.md).",
    );
  const folder = await mkdtemp(join(tmpdir(), "rollcall-"));
  await chmod(folder, 0o711);
  setTemporaryFolder(folder);
  // Not in a teardown, which Ctrl-C skips. Servers may be ending at that moment, hence the retries.
  process.once("exit", () => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch (error) {
      // Thrown on, it would keep the reporter from its last line, and fail a run whose tests have all passed.
      console.error(`cannot remove ${folder}: ${error}`);
    }
  });
}
