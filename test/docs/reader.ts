import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { environment } from "../support/environment.ts";
import { type Deed, deedsOf } from "./blocks.ts";

const root = join(import.meta.dirname, "../..");
const main = join(root, "src/main.ts");

export interface Reader {
  /** Where the reader is. */
  readonly folder: string;
  /** What they have of their own, by what the page writes in its place. */
  readonly own?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Does what a page, or a section of one, says, and sees that each command exits and prints as it says. */
export async function follow(text: string, { folder, own = {}, environment: more }: Reader): Promise<void> {
  const mine = (words: string) =>
    Object.entries(own).reduce((all, [example, value]) => all.replaceAll(example, value), words);
  const deeds = deedsOf(text);
  expect(deeds).not.toEqual([]);
  const script: string[] = [preamble];
  const writes = (deed: Extract<Deed, { write: string }>) => join(folder, deed.write);
  for (const [at, deed] of deeds.entries()) {
    if ("write" in deed) {
      const aside = join(folder, `.${at}`);
      await writeFile(aside, mine(deed.text));
      script.push(`mkdir -p '${dirname(writes(deed))}' && mv '${aside}' '${writes(deed)}'`);
    } else script.push(`{ ${mine(deed.command)}\n} 2>&1; printf '\\n@@%s@@' $?`);
  }
  const output = await bash(script.join("\n"), folder, {
    ...environment(),
    ...{ EXAMPLES: join(root, "manifests/examples"), HOME: folder, XDG_STATE_HOME: folder },
    ...committer,
    ...more,
  });
  const answers = output.split(/\n@@(\d+)@@/);
  const commands = deeds.filter((deed) => "command" in deed);
  for (const [at, { command, exits, prints }] of commands.entries()) {
    const [shown, code] = [answers[at * 2] ?? "", answers[at * 2 + 1]];
    expect({ command, shown, code }).toMatchObject({ code: String(exits) });
    for (const line of prints) expect({ command, shown, line }).toSatisfy(isShown);
  }
}

const committer = {
  GIT_AUTHOR_NAME: "A reader",
  GIT_AUTHOR_EMAIL: "reader@example.org",
  GIT_COMMITTER_NAME: "A reader",
  GIT_COMMITTER_EMAIL: "reader@example.org",
};

/** The command as a reader has it: `apply` asks on a terminal, and the answer is yes; a controller runs until it is stopped, here once it has started. */
const preamble = `
rollcall() {
  case "$1 $*" in
    "controller "*)
      '${process.execPath}' '${main}' "$@" > controller.log 2>&1 &
      until grep -q '"started"' controller.log || ! kill -0 $!; do sleep 0.05; done
      kill -TERM $!; wait $! ;;
    *--yes*) '${process.execPath}' '${main}' "$@" ;;
    "apply "*) echo yes | script -qec "'${process.execPath}' '${main}' $*" /dev/null ;;
    *) '${process.execPath}' '${main}' "$@" ;;
  esac
}`;

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", script], { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) =>
      resolve(stdout),
    );
  });
}

/** Whether the parts of the line between `…` are in one line of what was shown; how many spaces there are does not matter. */
function isShown({ shown, line }: { readonly shown: string; readonly line: string }): boolean {
  const even = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  const parts = line.split("…").map(even);
  return shown.split("\n").some((each) => {
    let rest = even(each);
    return parts.every((part) => {
      const at = rest.indexOf(part);
      rest = rest.slice(at + part.length);
      return at >= 0;
    });
  });
}
