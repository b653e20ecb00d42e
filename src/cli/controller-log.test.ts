import { expect, test } from "vitest";
import type { Problem, Snapshot } from "../core/kinds/resource.ts";
import { KnownManifests } from "../resources/known.ts";
import { resolve } from "../resources/resolve.ts";
import type { Complete } from "../resources/resources.ts";
import { controllerLog, eventLog } from "./controller-log.ts";
import type { Terminal } from "./terminal.ts";

const cut: Complete = { ok: false, reason: "a rebase is under way" };
const whole: Complete = { ok: true };
const wrong: Problem = { kind: "Identity", name: "ann", field: "spec.userName", message: "must be a text" };

function snapshotWith(problems: readonly Problem[]): Snapshot {
  const none = { resources: [], answers: [], invalid: new Map(), unread: new Map(), origins: new Map() };
  const reading = { realm: "default", revision: "r1", complete: whole, problems, ...none };
  return resolve(reading, new KnownManifests(), 1).snapshot;
}

/** The messages that a controller's log has of these events, each with what it is about. */
function logging() {
  const lines: string[] = [];
  const terminal = { note: (line: string) => lines.push(line) } as unknown as Terminal;
  const log = eventLog(controllerLog(terminal, "warn", () => 0));
  const said = () => lines.splice(0).map((line) => JSON.parse(line) as { msg: string; problem?: string });
  return { log, said };
}

test("what is wrong with a store is logged when it is found, and again when it is back", () => {
  const { log, said } = logging();
  const run = (...messages: string[]) => {
    const findings = messages.map((message) => ({ kind: "Store", target: "people", message }) as const);
    const guarded = { items: [], withheld: [], holds: [], counts: new Map() };
    const report = {
      target: "people",
      store: "directory",
      hash: "",
      guarded,
      findings,
      examined: new Set<string>(),
    };
    const rest = {
      holds: [],
      applied: undefined,
      tasks: { live: [], events: [] },
      linked: 0,
      orphans: new Map(),
      error: undefined,
    };
    log({ kind: "Ran", reports: [{ ...report, ...rest }], milliseconds: 1 });
    return said().map(({ problem }) => problem);
  };
  expect(run("restore the controller")).toEqual(["restore the controller"]);
  expect(run("restore the controller", "create ou=people")).toEqual(["create ou=people"]);
  expect(run()).toEqual([]);
  expect(run("create ou=people")).toEqual(["create ou=people"]);
});

test("what is wrong with the manifests is logged when it is found, and again when it is back", () => {
  const { log, said } = logging();
  const load = (complete: Complete, ...problems: Problem[]) => {
    log({ kind: "Loaded", loaded: { snapshot: snapshotWith(problems), complete } });
    return said().map(({ msg }) => msg);
  };
  const incomplete = "the manifests are incomplete: nothing that is missing is removed";
  expect(load(cut, wrong)).toEqual([incomplete, "invalid manifest"]);
  expect(load(cut, wrong)).toEqual([]);
  expect(load(whole, wrong, { ...wrong, name: "bob" })).toEqual(["invalid manifest"]);
  expect(load(cut)).toEqual([incomplete]);
  expect(load(cut, wrong)).toEqual(["invalid manifest"]);
});
