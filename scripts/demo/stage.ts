import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { Act, Step } from "./act.ts";
import type { Company } from "./company.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** Lines that say what the others are about: all that is printed of a long output after its head. */
const outline =
  /^(Target|Plan:|Applied:|To apply|\s+! |\s+to let|\s+\? |If |By itself| {2}[-+~] .+ in .+: | {2}\d{4}-)/;
const widest = 150;

/** Plays acts: prints every command with its real output, and throws where it is not what the act says. */
export class Stage {
  readonly #company: Company;
  readonly #hasGit: boolean;
  #hashes: string[] = [];
  #acts = 0;
  #outputs = 0;

  constructor(company: Company) {
    this.#company = company;
    this.#hasGit = spawnSync("git", ["--version"]).status === 0;
  }

  /** Tells how to read what follows. */
  open(): void {
    this.say("Rollcall keeps every account in every store equal to what the manifests say.");
    this.say(
      "What follows are real commands and their real output. By hand, `rollcall` is `npm run -s rollcall --`, after",
    );
    for (const [name, value] of Object.entries(place)) this.say(`    export ${name}=${value}`);
    if (!this.#hasGit)
      this.say("Git is not installed: its commands are left out, and changes have no commit to name.");
  }

  /** Tells where to look around. */
  close(): void {
    this.say(`
Everything above is in ./demo, to look at and to go on with:
    demo/manifests   the manifests, with their history (git -C demo/manifests log)
    demo/stores      directory.json, orders.db, badges.csv
    demo/output      the whole output of each command
    demo/state.db    what Rollcall remembers: links, limits, journal`);
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  async play({ title, says, steps }: Act): Promise<void> {
    this.#acts += 1;
    this.say(`\n${styleText("bold", `${this.#acts}. ${title}`)}\n${says}`);
    for (const step of steps) await this.#step(step);
  }

  async #step(step: Step): Promise<void> {
    if ("run" in step) this.#run(step);
    else if ("edit" in step) {
      this.#company.edit(step.edit, step.of, step.from, step.to);
      this.#hand(`${this.#shown("manifests", step.edit)}, ${step.of}:`);
      for (const line of changedLines(step.from, step.to)) this.say(line);
    } else if ("sql" in step) {
      this.#company.sql(step.sql);
      this.#hand(`in ${this.#shown("stores/orders.db")}: ${step.sql}`);
    } else if ("hand" in step) {
      await step.does(this.#company);
      this.#hand(step.hand);
    } else {
      if (!(await step.holds(this.#company))) throw new Error(`it is not so: ${step.check}`);
      this.say(styleText("green", `\n  ✓ ${step.check}`));
    }
  }

  #hand(what: string): void {
    this.say(`\n  ${styleText("yellow", "✎")} ${what}`);
  }

  #shown(...parts: readonly string[]): string {
    return relative(dirname(this.#company.folder), this.#company.path(...parts));
  }

  #run({ run, exits, shows = [], head = 24 }: Extract<Step, { run: string }>): void {
    if (run.startsWith("git ") && !this.#hasGit) return;
    const command = run.replaceAll("HASH", () => this.#hashes.shift() ?? "HASH");
    this.say(`\n${styleText("cyan", `  $ ${command}`)}`);
    const { file, output, status } = this.#perform(command);
    const lines = output.trimEnd().split("\n");
    for (const line of lines.length > head + 8 ? trimmed(lines, head, this.#shown(file)) : lines)
      if (output !== "") this.say(`    ${line.slice(0, widest)}${line.length > widest ? "…" : ""}`);
    if (status !== exits) throw new Error(`"${command}" ended with ${status}, not with ${exits}:\n${output}`);
    for (const expected of shows)
      if (typeof expected === "string" ? !output.includes(expected) : !expected.test(output))
        throw new Error(`"${command}" does not say ${expected}:\n${output}`);
    const offered = [...output.matchAll(/(?:--plan|approve(?: .*)?) ([0-9a-f]{64})/g)].map(
      ([, hash]) => hash!,
    );
    if (offered.length > 0) this.#hashes = offered;
  }

  /** Both streams go to one file, in the order in which they were written. */
  #perform(command: string): { file: string; output: string; status: number | null } {
    const [program = "", ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word!,
    );
    this.#outputs += 1;
    const file = `output/${String(this.#outputs).padStart(2, "0")}-${program}-${args.find((arg) => /^[a-z]+$/.test(arg))}.txt`;
    const sink = openSync(this.#company.path(file), "w");
    const [executable, ...rest] =
      program === "rollcall" ? [process.execPath, main, ...args] : [program, ...args];
    const env = { ...process.env, ...committer, ...place, ...this.#company.environment };
    const cwd = dirname(this.#company.folder);
    const { status, error } = spawnSync(executable, rest, { cwd, env, stdio: ["ignore", sink, sink] });
    closeSync(sink);
    if (error) throw error;
    return { file, output: readFileSync(this.#company.path(file), "utf8"), status };
  }
}

/** Where the state is, and where the files lie that manifests name. */
const place = { ROLLCALL_STATE: "demo/state.db", ROLLCALL_ROOT: "demo" };

/** The demo's commits are nobody's in particular, whatever Git is set up for on this machine. */
const committer = {
  GIT_AUTHOR_NAME: "The demo",
  GIT_AUTHOR_EMAIL: "demo@example.org",
  GIT_COMMITTER_NAME: "The demo",
  GIT_COMMITTER_EMAIL: "demo@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** As `git diff` shows it. */
function changedLines(from: string, to: string): string[] {
  const [old, now] = [from.split("\n"), to.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => styleText("red", `    -${line}`)),
    ...now.filter((line) => !old.includes(line)).map((line) => styleText("green", `    +${line}`)),
  ];
}

function trimmed(lines: readonly string[], head: number, file: string): string[] {
  const rest = lines.slice(head);
  const kept = rest.filter((line) => outline.test(line));
  return [
    ...lines.slice(0, head),
    `… ${rest.length - kept.length} lines left out, all are in ${file}`,
    ...kept,
  ];
}
