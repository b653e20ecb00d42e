import { DatabaseSync } from "node:sqlite";

/**
 * Held by the one process that writes. The operating system lets go of it when that process ends, however it ends: it is the
 * exclusive lock of a second, empty SQLite file beside the state, so that readers of the state are not kept out.
 */
export class SqliteLock {
  readonly #file: DatabaseSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
  }

  /** Undefined where another process holds it. */
  static take(path: string): SqliteLock | undefined {
    const file = new DatabaseSync(path, { timeout: 0 });
    try {
      file.exec("BEGIN EXCLUSIVE");
      return new SqliteLock(file);
    } catch (error) {
      file.close();
      if ((error as { errcode?: number }).errcode === 5) return undefined; // SQLITE_BUSY
      throw error;
    }
  }

  release(): void {
    this.#file.close();
  }
}
