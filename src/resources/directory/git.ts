import { execFile } from "node:child_process";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What Git leaves in its folder while it is changing the files: what they hold is then nobody's word. */
const underWay: Readonly<Record<string, string>> = {
  "index.lock": "a Git command is under way",
  MERGE_HEAD: "a merge is under way",
  CHERRY_PICK_HEAD: "a cherry-pick is under way",
  REVERT_HEAD: "a revert is under way",
  "rebase-merge": "a rebase is under way",
  "rebase-apply": "a rebase is under way",
};

/** Files of a Git folder whose change may mean another revision, or that something is no longer under way. */
export const gitSignals: ReadonlySet<string> = new Set(["HEAD", "index", ...Object.keys(underWay)]);

/** The Git folder of the repository that encloses a folder, or undefined. Git itself is not needed to find it. */
export function gitFolder(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const git = join(at, ".git");
    const kind = statSync(git, { throwIfNoEntry: false });
    if (kind?.isDirectory()) return git;
    // A worktree or a submodule: `gitdir: PATH` (gitrepository-layout(5)).
    if (kind?.isFile())
      return resolve(
        at,
        readFileSync(git, "utf8")
          .replace(/^gitdir:\s*/, "")
          .trim(),
      );
    if (at === dirname(at)) return undefined;
  }
}

/** Whether a Git command is at work at this moment (or was killed). */
export function gitLocked(git: string): boolean {
  return lstatSync(join(git, "index.lock"), { throwIfNoEntry: false }) !== undefined;
}

/** What Git is in the middle of, in words; undefined when it is at rest. */
export function gitUnderWay(git: string): string | undefined {
  const found = Object.keys(underWay).find((name) => lstatSync(join(git, name), { throwIfNoEntry: false }));
  return found === undefined ? undefined : `${underWay[found]} (${join(git, found)} is there)`;
}

/**
 * The commit that is checked out, `-dirty` appended where something below the folder differs from it. Undefined where Git cannot
 * tell: it is not installed, the repository has no commit yet or belongs to somebody else.
 */
export async function gitRevision(folder: string): Promise<string | undefined> {
  try {
    const head = (await git(folder, ["rev-parse", "--verify", "HEAD"])).trim();
    const changes = await git(folder, ["status", "--porcelain", "--untracked-files=normal", "--", "."]);
    return changes === "" ? head : `${head}-dirty`;
  } catch {
    return undefined;
  }
}

/** Set inside a Git hook, where they would point at another index or repository. */
const hookVariables = new Set(["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"]);

/** Options under which Git takes no lock, and runs nothing that the repository's configuration names. */
export function safeGit(folder: string): readonly string[] {
  return ["--no-optional-locks", "-c", "core.fsmonitor=false", "-C", folder];
}

export function gitEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hookVariables.has(name)));
}

export async function git(folder: string, command: readonly string[]): Promise<string> {
  const { stdout } = await run("git", [...safeGit(folder), ...command], {
    env: gitEnvironment(),
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
