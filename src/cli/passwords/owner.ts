import { lstat, readlink, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PasswordDelivery } from "../../core/model/password.ts";

/**
 * Marks whose a password file is, and tells why it may not be written. A file by itself does not tell whose it is: of two accounts with one
 * path, the second would take the first one's password away, and be read by whom the first one is for. The mark stands beside the file, is
 * made before it and stays. It is a link that leads nowhere, since a link is made at once, with what it says, and never twice.
 */
export async function claim(
  file: string,
  { target, identity }: Pick<PasswordDelivery, "target" | "identity">,
): Promise<string | undefined> {
  const there = await lstat(file).catch(absent);
  if (there && !there.isFile()) return "it is no ordinary file; name another";
  const mark = join(dirname(file), `.${basename(file)}.owner`);
  const owner = `${target}/${identity}`;
  const known = await readlink(mark).catch(absent);
  if (known === undefined && there) return "it was not made by Rollcall; name another, or take it away";
  const found = known ?? (await marked(mark, owner));
  if (found === owner) return undefined;
  return `it is the one of ${found}; name another for each account, or take ${mark} away`;
}

/** What it says now: another delivery may have been first. */
async function marked(mark: string, owner: string): Promise<string> {
  try {
    await symlink(owner, mark);
    return owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return readlink(mark);
  }
}

export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
