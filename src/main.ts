#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { exitCode } from "./cli/command.ts";
import { commands } from "./cli/commands.ts";
import { boundHeap } from "./cli/heap.ts";
import { runCommandLine } from "./cli/run.ts";
import { terminalOf } from "./cli/terminal.ts";
import { connectors } from "./connectors/registry.ts";

boundHeap();
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const terminal = terminalOf(process.stdin, process.stdout, process.stderr);

process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  // Whoever read our output has gone (`rollcall plan | head`): nobody is left to tell.
  if (code !== "EPIPE") terminal.note(`rollcall: cannot write to standard output: ${message}`);
  process.exit(exitCode.failed);
});

// kubectl finds its plugins by their names.
const program = basename(process.argv[1] ?? "").startsWith("kubectl-") ? "kubectl rollcall" : "rollcall";

process.exitCode = await runCommandLine(commands, process.argv.slice(2), {
  connectors,
  environment: process.env,
  program,
  terminal,
  version,
  now: () => Date.now(),
  newId: () => randomUUID(),
  stopSignal() {
    const stop = new AbortController();
    const interrupt = () => {
      if (stop.signal.aborted) process.exit(exitCode.interrupted);
      terminal.note("Stopping: the batch in hand is finished first. Interrupt again to stop at once.");
      stop.abort();
    };
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    return stop.signal;
  },
});
