import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTemporaryFolder } from "./environment.ts";

/** One temporary folder for the whole run, so that nothing is left behind whatever becomes of the single tests. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-"));
  await chmod(folder, 0o711);
  setTemporaryFolder(folder);
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
