import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isManifestName } from "./files.ts";
import { git, gitEnvironment, safeGit } from "./git.ts";

/** The commit that a name (`main`, `HEAD~1`, a hash) stands for; undefined where there is none. */
export async function commitOf(folder: string, revision: string): Promise<string | undefined> {
  try {
    return (
      await git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`])
    ).trim();
  } catch {
    return undefined;
  }
}

/**
 * Writes the manifests that a folder had at a commit into another folder. Nothing of the repository is changed, no filter of its is
 * run, and links are left out. Gives how many files there were.
 */
export async function writeManifestsAt(folder: string, commit: string, into: string): Promise<number> {
  const listed = await git(folder, ["ls-tree", "-r", "-z", commit]);
  const files = listed.split("\0").flatMap((entry) => {
    const [, mode, object, path] = /^(\d+) blob ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? [];
    const regular = mode === "100644" || mode === "100755";
    return regular && object && path && isManifestName(path) && !isHidden(path) ? [{ object, path }] : [];
  });
  const contents = await blobs(
    folder,
    files.map(({ object }) => object),
  );
  for (const [index, { path }] of files.entries()) {
    const place = join(into, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, contents[index]!);
  }
  return files.length;
}

function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith("."));
}

/** The contents of objects, in their order (git-cat-file(1), BATCH OUTPUT). */
async function blobs(folder: string, objects: readonly string[]): Promise<readonly Buffer[]> {
  if (objects.length === 0) return [];
  const child = spawn("git", [...safeGit(folder), "cat-file", "--batch"], {
    env: gitEnvironment(),
    stdio: ["pipe", "pipe", "ignore"],
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  child.stdin.on("error", () => {}); // It ended early: what is missing is noticed below.
  child.stdin.end(objects.map((object) => `${object}\n`).join(""));
  const output = Buffer.concat(await Promise.race([child.stdout.toArray(), failed]));
  const contents: Buffer[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf("\n", at);
    const [, kind, length] = output.toString("utf8", at, end).split(" ");
    if (kind !== "blob") break;
    contents.push(output.subarray(end + 1, end + 1 + Number(length)));
    at = end + Number(length) + 2;
  }
  if (contents.length === objects.length) return contents;
  throw new Error(
    `cannot read ${objects.length - contents.length} files of ${folder} from Git: is the clone complete?`,
  );
}
