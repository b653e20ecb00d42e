import { type Logger, pino } from "pino";
import { problemKey } from "../core/kinds/problem-key.ts";
import type { ControllerEvent, Loaded } from "../engine/controller.ts";
import type { ExportReport } from "../engine/exports/run.ts";
import type { TargetReport } from "../engine/run.ts";
import type { Terminal } from "./terminal.ts";

export const logLevels = ["error", "warn", "info", "debug"] as const;

/** JSON lines on standard error. Messages are fixed, what varies are their fields; no value of an attribute is among them. */
export function controllerLog(terminal: Terminal, level: string, now: () => number): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => terminal.note(line.trimEnd()) },
  );
}

/** Failures of one run that are logged each by itself; the journal has them all. */
const mostFailures = 20;

/** Logs what a controller tells. What is wrong with the manifests, or a store, is logged when it is found, and not with every run that finds it still. */
export function eventLog(log: Logger): (event: ControllerEvent) => void {
  let told: ReadonlySet<string> = new Set();
  const ofStores = new Map<string, ReadonlySet<string>>();
  return (event) => {
    if (event.kind === "Loaded") told = logLoaded(log, event.loaded, told);
    else if (event.kind === "Ran")
      for (const report of event.reports) {
        logReport(log, report, event.milliseconds);
        if (!report.error) ofStores.set(report.target, logStore(log, report, ofStores.get(report.target)));
      }
    else if (event.kind === "Exported") logExport(log, event.report);
    else log.error({ error: event.error.message, retryInMs: Math.round(event.retryIn) }, "cannot go on now");
  };
}

function logExport(log: Logger, { name, written, error, milliseconds }: ExportReport): void {
  if (error) log.error({ export: name, kind: error.kind, error: error.message }, "cannot write the export");
  else log.info({ export: name, ...written, ms: Math.round(milliseconds) }, "export written");
}

/** Gives what is wrong now. */
function logLoaded(log: Logger, { snapshot, complete }: Loaded, told: ReadonlySet<string>): Set<string> {
  const { revision, problems, objects } = snapshot;
  const errors = problems.filter(({ severity }) => severity !== "Warning");
  log.info({ revision, identities: objects.Identity.size, errors: errors.length }, "manifests read");
  const wrong = new Set(errors.map(problemKey));
  if (!complete.ok) {
    const { reason } = complete;
    wrong.add(reason);
    if (!told.has(reason))
      log.warn({ reason }, "the manifests are incomplete: nothing that is missing is removed");
  }
  const news = errors.filter((problem) => !told.has(problemKey(problem)));
  for (const { kind, name, field, message, location } of news.slice(0, mostFailures))
    log.warn(
      { kind, name, field, file: location?.file, line: location?.line, problem: message },
      "invalid manifest",
    );
  return wrong;
}

function logReport(log: Logger, report: TargetReport, milliseconds: number): void {
  const { target, store, error, applied, guarded, findings, orphans } = report;
  if (error) {
    log.error({ target, store, kind: error.kind, error: error.message }, "cannot run the target");
    return;
  }
  const { done = [], failed = [], left = [], handed = [] } = applied ?? {};
  const { byHand = [] } = report.tasks;
  for (const { item, error: cause, kind } of failed.slice(0, mostFailures)) {
    const { operation, identity, name } = item;
    log.warn({ target, operation, identity, name, kind, error: cause }, "change failed");
  }
  for (const { operation, identity, name, hash } of done)
    log.debug({ target, operation, identity, name, item: hash }, "change made");
  for (const { kind, task, message } of report.tasks.events)
    log[kind === "Overdue" || kind === "Reopened" ? "warn" : "info"](
      {
        target,
        task: task.name,
        identity: task.identity,
        name: task.account,
        owner: task.owner,
        event: kind,
        why: message,
      },
      "task for people",
    );
  const figures = {
    target,
    done: done.length,
    failed: failed.length,
    left: left.length,
    handed: handed.length,
    byHand: byHand.length,
    withheld: guarded.withheld.length,
    findings: findings.length,
    orphans: orphans.size,
    ms: Math.round(milliseconds),
  };
  const quiet = [done, failed, left, handed, byHand].every(({ length }) => length === 0);
  log[quiet ? "debug" : "info"](figures, "target run");
}

/** Gives what is wrong with the store now. */
function logStore(
  log: Logger,
  { target, store, findings }: TargetReport,
  told: ReadonlySet<string> = new Set(),
): Set<string> {
  const problems = findings.filter(({ kind }) => kind === "Store").map(({ message }) => message);
  for (const problem of problems)
    if (!told.has(problem)) log.warn({ target, store, problem }, "the store is not as it should be");
  return new Set(problems);
}
