import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { sha256 } from "../core/model/hash.ts";
import { isDatabaseUrl } from "../state/open.ts";
import { withoutPassword } from "../state/postgres.ts";
import { type Context, UsageError } from "./command.ts";
import { folderFlag, rootFlag, stateFlag } from "./flags.ts";

/** The manifest folder, absolute. Where it is a link it stays one: a checkout may be swapped by turning it. */
export function folderOf({ args }: Context): string {
  const folder = args.text(folderFlag);
  if (folder === undefined) throw new UsageError("name the folder of the manifests: -f DIR");
  if (!existsSync(folder)) throw new UsageError(`cannot find the manifest folder ${folder}: check -f`);
  if (!statSync(folder).isDirectory())
    throw new UsageError(`${folder} is a file: -f names the folder that the manifests are in`);
  return resolve(folder);
}

/**
 * Where the state is: `--state`, `ROLLCALL_STATE`, or a file that goes with the folder. Never inside the folder: it would be
 * committed, or vanish with a checkout.
 */
export function statePlaceOf({ args, environment }: Context, folder: string): string {
  const named = args.text(stateFlag) ?? (environment.ROLLCALL_STATE || undefined);
  if (named !== undefined && isDatabaseUrl(named)) return named;
  const place = resolve(named ?? join(stateHome(environment), sha256(folder).slice(0, 16), "state.db"));
  if (isInside(realPathOf(place), realpathSync(folder)))
    throw new UsageError(
      `the state ${place} lies inside the manifest folder ${folder}: put it elsewhere with --state`,
    );
  return place;
}

/** Where states are that nobody gave a place. */
export function stateHome(environment: Context["environment"]): string {
  const home = environment.XDG_STATE_HOME || join(environment.HOME ?? homedir(), ".local", "state");
  return join(home, "rollcall");
}

/** Where a controller that holds this state is to be asked: a socket beside it, or in this user's own folder for a database. `statePlace` is the state's own word for it. */
export function controlPlaceOf(statePlace: string): string {
  if (!isDatabaseUrl(statePlace)) return `${statePlace}.sock`;
  return join(homedir(), ".local", "state", "rollcall", `${sha256(statePlace).slice(0, 16)}.sock`);
}

/** A place as people may see it. */
export function shownPlaceOf(statePlace: string): string {
  return isDatabaseUrl(statePlace) ? withoutPassword(statePlace) : statePlace;
}

/** Where files that manifests name must lie. */
export function rootOf(context: Context, folder: string): string {
  return namedRootOf(context) ?? realpathSync(folder);
}

/** The same, where there is no folder of manifests: undefined where none is named. */
export function namedRootOf({
  args,
  environment,
}: Pick<Context, "args" | "environment">): string | undefined {
  const named = args.text(rootFlag) ?? (environment.ROLLCALL_ROOT || undefined);
  if (named !== undefined && !existsSync(named))
    throw new UsageError(`cannot find the folder ${named}: check --root`);
  return named === undefined ? undefined : realpathSync(named);
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** The path with its links resolved, as far as it exists. */
export function realPathOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realPathOf(above), basename(path));
}
