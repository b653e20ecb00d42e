import { join, resolve } from "node:path";
import { isDatabaseUrl } from "../../state/open.ts";
import { type Context, UsageError } from "../command.ts";
import { stateFlag } from "../flags.ts";
import { stateHome } from "../place.ts";

/**
 * Where the state of each namespace is: a file of its own in the folder, or a schema of its own in the database, that `--state` or
 * `ROLLCALL_STATE` names.
 */
export function statePlaces({ args, environment }: Context): (realm: string) => string {
  const named = args.text(stateFlag) ?? (environment.ROLLCALL_STATE || undefined);
  if (named !== undefined && isDatabaseUrl(named)) return () => named;
  if (named?.endsWith(".db"))
    throw new UsageError(
      `--state ${named} looks like a file: in a cluster name a folder, each namespace gets a file in it`,
    );
  const folder = resolve(named ?? join(stateHome(environment), "cluster"));
  return (realm) => join(folder, `${realm}.db`);
}
