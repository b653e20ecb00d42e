import { didYouMean } from "../core/kinds/nearest.ts";
import type { Resource, Snapshot } from "../core/kinds/resource.ts";
import { openExport } from "../engine/exports/open.ts";
import { type ExportReport, reported, writeExport } from "../engine/exports/run.ts";
import { plain, plural } from "../report/words.ts";
import { type Command, type Context, exitCode, UsageError } from "./command.ts";
import { adHocFlags, isAdHoc, writeAdHoc } from "./exports/ad-hoc.ts";
import { exportDesk } from "./exports/file.ts";
import { folderFlag, reachFlags, stateFlag } from "./flags.ts";
import { rootOf } from "./place.ts";
import { openSession, type Session } from "./session.ts";

export const exportCommand: Command = {
  name: "export",
  summary: "write what the accounts of a target, or the identities, are to a file",
  description:
    'Writes the files of the Exports in the folder that are named, or of all of them, whatever their schedule. With --target or --identities it\nwrites what is asked for to standard output instead, or to the file of --to. A file is written whole or not at all: where a store cannot be\nread, or something is unknown, the old one stays as it is; standard output is whole if the exit code is 0. Nothing else is changed.\n\nIn a cluster the controller writes the files: kubectl annotate export NAME --overwrite rollcall.dev/requestedAt="$(date -Is)" asks for one now.',
  operands: { usage: "[NAME…]", least: 0, most: 1_000 },
  flags: [folderFlag, ...adHocFlags, stateFlag, ...reachFlags],
  examples: [
    "rollcall export -f manifests",
    "rollcall export badge-holders -f manifests",
    "rollcall export -f manifests --target corp-directory -o ldif",
    "rollcall export -f manifests --identities --column id=identity.id --column state=state --to people.csv",
  ],
  exits: { 0: "written", 2: "at least one could not be written: its old file stays", 130: "it was stopped" },
  run,
};

async function run(context: Context): Promise<number> {
  const stop = context.stopSignal();
  const session = await openSession(context, { mode: "look", stop });
  try {
    const parts = { ...session, now: context.now, complete: () => session.complete, stop };
    const open = (spec: Parameters<typeof openExport>[1]) => openExport(parts, spec);
    if (isAdHoc(context)) await writeAdHoc(context, session, open);
    else {
      const desk = exportDesk(rootOf(context, session.folder), context.newId);
      let failed = false;
      for (const resource of chosen(context, session)) {
        const report = await reported(resource, context.now, async () =>
          writeExport(resource.spec, await open(resource.spec), desk),
        );
        await tell(context, resource, report);
        failed ||= report.error !== undefined;
      }
      if (failed) return exitCode.failed;
    }
    return exitCode.done;
  } catch (error) {
    if (stop.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    await session.close();
  }
}

async function tell(
  { terminal }: Context,
  { name, spec }: Resource<"Export">,
  { written, error }: ExportReport,
): Promise<void> {
  if (error) terminal.note(`rollcall: Export/${name} was not written: ${plain(error.message)}`);
  else if (written)
    await terminal.print(
      `${name}: ${plural(written.rows, "row")} in ${spec.file}, sha256 ${written.sha256}\n`,
    );
}

/** Those that are named, or all that are not suspended. Throws a `UsageError` for one that is not valid: a file must not be what nobody meant. */
function chosen({ args, terminal }: Context, { snapshot }: Session): readonly Resource<"Export">[] {
  const { Export } = snapshot.objects;
  const current = [...Export].filter(([, { standing }]) => standing.status === "Current");
  const names = [...Export.keys()];
  if (args.operands.length > 0)
    return args.operands.map((name) => {
      const found = current.find(([each]) => each === name)?.[1].resource;
      if (!found) throw new UsageError(whyNone(name, snapshot, names));
      return found;
    });
  const all = current.map(([, { resource }]) => resource).filter(({ spec }) => !spec.suspend);
  if (all.length === 0)
    terminal.note("There is no Export to write: --target or --identities exports without one.");
  return all;
}

function whyNone(name: string, { objects, unknown }: Snapshot, names: readonly string[]): string {
  const standing = objects.Export.get(name)?.standing;
  const why = unknown.get(`Export/${name}`) ?? (standing?.status === "Held" ? standing.reason : undefined);
  return why === undefined
    ? `there is no Export "${name}" in the manifests${didYouMean(name, names)}`
    : `Export/${name} is not valid: ${why}; rollcall validate tells more`;
}
