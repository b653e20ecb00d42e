import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { resolve as absolute, join } from "node:path";
import { stringify } from "yaml";
import type { Document } from "../core/import/build.ts";
import type { Omission } from "../core/import/remark.ts";
import { didYouMean } from "../core/kinds/nearest.ts";
import { manifestParser } from "../core/kinds/parse.ts";
import type { Problem, Resource } from "../core/kinds/resource.ts";
import { canonicalJson, sha256 } from "../core/model/hash.ts";
import { everythingShown } from "../core/plan/guard.ts";
import { importTarget } from "../engine/import-target.ts";
import type { TargetReport } from "../engine/run.ts";
import type { RunOptions } from "../engine/run-options.ts";
import { type ImportDocument, importDocument, importText } from "../report/import.ts";
import { orphansOf } from "../report/run-report.ts";
import { KnownManifests } from "../resources/known.ts";
import { resolve } from "../resources/resolve.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { folderFlag, outputFlag, reachFlags, stateFlag } from "./flags.ts";
import { printDocument } from "./output.ts";
import { noteProblems } from "./problems.ts";
import { openSession, type Session } from "./session.ts";

const output = outputFlag("table", "json", "yaml");
const toFlag: Flag = {
  name: "to",
  value: "DIR",
  summary: "the folder that the new manifests are written to",
};
const targetFlag: Flag = {
  name: "target",
  value: "NAME",
  summary: "the Target to read through, where the store has several",
};

export const importCommand: Command = {
  name: "import",
  summary: "write manifests for the accounts that a store has and nobody explains",
  description:
    "Reads the store through a Target of it that is in the manifests (mode: Observe will do), and reads the Target's mappings backwards.\nNothing is changed: the plan of what was written links the accounts, and should have nothing else to do. What needs a person is left out, or listed, by why and with a cure.",
  operands: { usage: "STORE", least: 1, most: 1 },
  flags: [folderFlag, toFlag, targetFlag, output, stateFlag, ...reachFlags],
  examples: ["rollcall import corp-directory -f manifests --to manifests/imported"],
  exits: {
    0: "written, and the plan only links",
    2: "the store could not be read, or there is no Target to read it through",
    3: "written, and something is left out, or the plan would still change something: it is listed",
  },
  run,
};

async function run(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  const folder = newFolder(args.text(toFlag));
  const session = await openSession(context, { mode: "look" });
  try {
    noteProblems(context, session);
    const target = targetOf(session, args.operands[0]!, args.text(targetFlag));
    const before = await planOf(session, target);
    if (before.error) throw before.error;
    const lane = session.engine.lane(target)!;
    const imported = await importTarget(lane, [...orphansOf(before).keys()], session.snapshot, now());
    const { documents, resources, problems } = valid(context, imported.documents);
    // Read before writing: the new folder may lie in the one that is read.
    const reading = await session.resources.read();
    await write(folder, documents);
    const all = { ...reading, resources: [...reading.resources, ...resources] };
    await session.engine.load(resolve(all, new KnownManifests(), now()).snapshot);
    const after = await planOf(session, target);
    const document = importDocument({ target, folder, documents, problems, imported, report: after });
    await printDocument(terminal, args.text(output) ?? "table", document, { table: importText });
    return codeOf(document);
  } finally {
    await session.close();
  }
}

function codeOf({ error, changes, problems, conflicts, remarks }: ImportDocument): number {
  if (error !== undefined) return exitCode.failed;
  const omitted = remarks.filter(({ kind, leftOut }) => leftOut && !asMeant.has(kind));
  return [changes, problems, conflicts, omitted].some((list) => list.length > 0)
    ? exitCode.held
    : exitCode.done;
}

/** Left out because the Store's manifest, or the store, says so. */
const asMeant: ReadonlySet<string> = new Set<Omission>(["Protected", "OutOfBounds"]);

const files: readonly (readonly [Document["kind"], string])[] = [
  ["Identity", "identities.yaml"],
  ["AccessProfile", "access-profiles.yaml"],
  ["Grant", "grants.yaml"],
];

function newFolder(to: string | undefined): string {
  if (to === undefined) throw new UsageError("name the folder for the new manifests: --to DIR");
  const folder = absolute(to);
  const there = files.map(([, file]) => join(folder, file)).find((file) => existsSync(file));
  if (there !== undefined) throw new UsageError(`${there} is there already: name another folder with --to`);
  return folder;
}

function targetOf({ snapshot }: Session, store: string, chosen: string | undefined): string {
  const { Store, Target } = snapshot.objects;
  if (!Store.has(store))
    throw new UsageError(
      `there is no Store "${store}" in the manifests${didYouMean(store, [...Store.keys()])}`,
    );
  const names = [...Target.values()]
    .filter(({ resource }) => resource.spec.store.name === store)
    .map(({ resource }) => resource.name);
  if (chosen !== undefined && !names.includes(chosen))
    throw new UsageError(`Store ${store} has no Target "${chosen}"${didYouMean(chosen, names)}`);
  const [first, ...others] = chosen === undefined ? names : [chosen];
  if (first === undefined)
    throw new UsageError(
      `Store ${store} has no Target to be read through: write one, with mode: Observe, whose mappings say which attribute is which field`,
    );
  if (others.length > 0)
    throw new UsageError(`Store ${store} has several Targets: name one of ${names.join(", ")} with --target`);
  return first;
}

async function planOf({ engine }: Session, target: string): Promise<TargetReport> {
  engine.markAll();
  const options: RunOptions = { planOnly: true, shown: everythingShown, full: false, pass: true };
  const [report] = await engine.run(options, new Set([target]));
  if (report) return report;
  throw new UsageError(`Target ${target} is not run: it, or its Store, is suspended`);
}

/** Those that are valid manifests; the others are reported, and what refers to them is left out too. */
function valid({ connectors }: Context, documents: readonly Document[]) {
  const parser = manifestParser(connectors);
  const resources: Resource[] = [];
  const problems: Problem[] = [];
  const good: Document[] = [];
  const bad = new Set<string>();
  for (const document of documents) {
    const { identity } = document.spec as { identity?: { name: string } };
    if (identity && bad.has(identity.name)) continue;
    const parsed = parser.parse(document, sha256(canonicalJson(document)));
    if (parsed.resource) {
      good.push(document);
      resources.push(parsed.resource);
    } else {
      problems.push(...parsed.problems);
      bad.add(document.metadata.name);
    }
  }
  return { documents: good, resources, problems };
}

async function write(folder: string, documents: readonly Document[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [kind, file] of files) {
    const own = documents.filter((document) => document.kind === kind);
    if (own.length === 0) continue;
    const text = own.map((document) => stringify(document)).join("---\n");
    await writeFile(join(folder, file), text, { flag: "wx" });
  }
}
