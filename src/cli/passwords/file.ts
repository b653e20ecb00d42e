import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { StoreError } from "../../connectors/errors.ts";
import type { PasswordDelivery } from "../../core/model/password.ts";
import { isInside } from "../place.ts";
import { absent, claim } from "./owner.ts";

export interface PasswordFiles {
  /** The operator's root, a real path; undefined: there is none. */
  readonly root: string | undefined;
  /** The folder of the manifests, a real path, where there is one: no password is written into it. */
  readonly manifests: string | undefined;
}

/** What is wrong with the place of all files, and not with one of them. */
const away: ReadonlySet<string | undefined> = new Set([
  ...["EDQUOT", "EIO", "EMFILE", "ENFILE", "ENOSPC", "EROFS", "ESTALE"],
]);

/**
 * Writes a password to a file that its owner alone can read (0600, in folders of 0700), at once as a whole, and never to one of another
 * account. Links are not followed: whoever may write somewhere below the root must not lead us out of it. Throws a `StoreError`, which does
 * not hold the password.
 */
export async function writePassword(
  files: PasswordFiles,
  path: string,
  delivery: PasswordDelivery,
): Promise<void> {
  const file = placeOf(files, path);
  const refused = (why: string) => new StoreError("Denied", `cannot write the password file ${path}: ${why}`);
  const temporary = join(dirname(file), `.${delivery.id}.new`);
  try {
    await makeFolders(files.root!, dirname(file), refused);
    const objection = await claim(file, delivery);
    if (objection !== undefined) throw refused(objection);
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await handle.writeFile(`${delivery.password}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await keep(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (error instanceof StoreError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const message = `cannot write the password file ${path}: ${code}`;
    throw new StoreError(away.has(code) ? "Unavailable" : "Denied", message, { cause: error });
  }
}

/** Before it is set anywhere, it is to outlive a loss of power. */
async function keep(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function placeOf({ root, manifests }: PasswordFiles, path: string): string {
  const refused = (why: string) => new StoreError("Denied", `cannot write the password file ${path}: ${why}`);
  if (root === undefined) throw refused("the controller has no --root to write below");
  const file = resolve(root, path);
  if (file === root || !isInside(file, root)) throw refused(`it lies outside ${root}; name a path below it`);
  if (dirname(file) === root) throw refused("begin its path with a folder for passwords alone");
  if (basename(file).startsWith(".")) throw refused("its name begins with a dot; name another");
  if (manifests !== undefined && isInside(file, manifests))
    throw refused("it lies among the manifests, and would be committed; name another folder with --root");
  return file;
}

/** Makes the folders that are missing, and refuses those that others can look into. */
async function makeFolders(
  root: string,
  folder: string,
  refused: (why: string) => StoreError,
): Promise<void> {
  let at = root;
  for (const step of relative(root, folder).split(sep)) {
    at = join(at, step);
    const there = (await lstat(at).catch(absent)) ?? (await makeFolder(at));
    if (!there.isDirectory()) throw refused(`${at} is a link or no folder, which is not followed`);
    if ((there.mode & 0o022) !== 0)
      throw refused(
        `others can write to ${at}, and could lead it elsewhere; take their rights away (chmod 700)`,
      );
  }
  const { mode } = await lstat(folder);
  if ((mode & 0o077) !== 0)
    throw refused(`others can look into ${folder}; take their rights away (chmod 700), or name another`);
}

/** Another delivery may make it at the same moment. */
async function makeFolder(path: string): Promise<Stats> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return await lstat(path);
}
