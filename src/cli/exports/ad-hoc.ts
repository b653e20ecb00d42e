import { resolve } from "node:path";
import { accountColumns, identityColumns } from "../../core/export/usual-columns.ts";
import type { ExportFormat } from "../../core/kinds/export.ts";
import { apiVersion } from "../../core/kinds/kinds.ts";
import { manifestParser } from "../../core/kinds/parse.ts";
import type { Resource } from "../../core/kinds/resource.ts";
import { exportContent } from "../../engine/exports/content.ts";
import type { openExport, Pages } from "../../engine/exports/open.ts";
import { reported } from "../../engine/exports/run.ts";
import { type Context, type Flag, UsageError } from "../command.ts";
import { chosenTargetsOf } from "../problems.ts";
import type { Session } from "../session.ts";
import { writeWhole } from "./file.ts";

const formats: Readonly<Record<string, ExportFormat>> = { csv: "Csv", ldif: "Ldif", jsonl: "JsonLines" };
const targetFlag: Flag = { name: "target", value: "NAME", summary: "export the accounts of this target" };
const identitiesFlag: Flag = { name: "identities", summary: "export all identities" };
const formatFlag: Flag = {
  name: "output",
  short: "o",
  value: "FORMAT",
  choices: Object.keys(formats),
  summary: "csv, ldif or jsonl, with --target or --identities (default: csv)",
};
const columnFlag: Flag = {
  name: "column",
  value: "NAME=CEL",
  repeatable: true,
  summary: "a column and its expression, in their order (default: what there usually is to know)",
};
const whenFlag: Flag = { name: "when", value: "CEL", summary: "only rows for which this is true" };
const toFlag: Flag = { name: "to", value: "FILE", summary: "the file to write (default: standard output)" };

/** The flags of an export that no manifest declares. */
export const adHocFlags = [targetFlag, identitiesFlag, formatFlag, columnFlag, whenFlag, toFlag];

/** Whether an export is asked for that no manifest declares. Throws a `UsageError` where it is and is not at once. */
export function isAdHoc({ args }: Context): boolean {
  const is = args.has(targetFlag) || args.has(identitiesFlag);
  const more = adHocFlags.find((flag) => args.has(flag));
  if (!is && more)
    throw new UsageError(`--${more.name} needs --target NAME or --identities: what is to be exported`);
  if (is && args.operands.length > 0)
    throw new UsageError(`name either Exports, or one of --target and --identities`);
  return is;
}

/** Writes it to standard output, or to the file that is named. Throws a `StoreError` where it cannot be. */
export async function writeAdHoc(
  context: Context,
  session: Session,
  open: (spec: Parameters<typeof openExport>[1]) => Promise<Pages>,
): Promise<void> {
  const { args, terminal, now, newId } = context;
  const resource = declared(context, session);
  const { spec } = resource;
  const to = args.text(toFlag);
  const { error } = await reported(resource, now, async () => {
    const columns = spec.columns.map(({ name }) => name);
    const content = exportContent(spec, columns, await open(spec));
    if (to !== undefined)
      return writeWhole({ file: to, path: resolve(to), checksum: false, id: newId() }, content);
    let step = await content.next();
    for (; !step.done; step = await content.next()) await terminal.print(Buffer.from(step.value).toString());
    return step.value;
  });
  if (error) throw error;
}

/** The Export that the flags stand for. */
function declared({ args, connectors }: Context, { snapshot }: Session): Resource<"Export"> {
  const [target, when] = [args.text(targetFlag), args.text(whenFlag)];
  if (target !== undefined && args.has(identitiesFlag))
    throw new UsageError("--target and --identities exclude each other: give one of them");
  const format = formats[args.text(formatFlag) ?? "csv"]!;
  chosenTargetsOf(target === undefined ? [] : [target], snapshot);
  const of = target === undefined ? undefined : snapshot.objects.Target.get(target)!.resource.spec;
  const given = args.texts(columnFlag).map(columnOf);
  const usual = of ? accountColumns(of, format) : identityColumns;
  const spec = {
    ...(target === undefined ? { identities: {} } : { target: { name: target } }),
    ...{ format, file: "export.csv", columns: given.length > 0 ? given : usual },
    ...(when === undefined ? {} : { when }),
  };
  const { resource, problems } = manifestParser(connectors).parse(
    { apiVersion, kind: "Export", metadata: { name: "by-hand" }, spec },
    "",
  );
  if (resource) return resource as Resource<"Export">;
  throw new UsageError(
    `cannot export that: ${problems.map(({ field, message }) => `${field} ${message}`).join("; ")}`,
  );
}

function columnOf(text: string): { readonly name: string; readonly expression: string } {
  const at = text.indexOf("=");
  if (at < 1)
    throw new UsageError(
      `--column must be NAME=EXPRESSION, as in mail=account.attributes.mail, not "${text}"`,
    );
  return { name: text.slice(0, at), expression: text.slice(at + 1) };
}
