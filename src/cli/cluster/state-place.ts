import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Context, UsageError } from "../command.ts";
import { stateFlag } from "../flags.ts";

/**
 * Where the state of each namespace is: a file of its own in the folder, or a schema of its own in the database, that `--state` or
 * `ROLLCALL_STATE` names.
 */
export function statePlaces({ args, environment }: Context): (realm: string) => string {
  const named = args.text(stateFlag) ?? (environment.ROLLCALL_STATE || undefined);
  if (named !== undefined && isDatabase(named)) return () => named;
  if (named?.endsWith(".db"))
    throw new UsageError(
      `--state ${named} looks like a file: in a cluster name a folder, each namespace gets a file in it`,
    );
  const home = environment.XDG_STATE_HOME || join(environment.HOME ?? homedir(), ".local", "state");
  const folder = resolve(named ?? join(home, "rollcall", "cluster"));
  return (realm) => join(folder, `${realm}.db`);
}

/** Whether several processes may take turns with it; a file is one machine's. */
export function isDatabase(place: string): boolean {
  return /^postgres(ql)?:/.test(place);
}
