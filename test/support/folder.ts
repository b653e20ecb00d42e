import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Folder extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * A throwaway folder: `await using folder = await makeFolder()`, or `remove()` it in `afterAll`. The test run has a temporary
 * folder of its own (global-setup.ts), so what an interrupted test leaves behind goes with the run.
 */
export async function makeFolder(name = "test"): Promise<Folder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `rollcall-${name}-`)));
  // Servers that root starts run as another user, who has to reach the folder that is theirs.
  await chmod(path, 0o711);
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5 });
  return { path, remove, [Symbol.asyncDispose]: remove };
}
