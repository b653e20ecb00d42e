import type { Call } from "../../connectors/contract.ts";
import type { TargetLane } from "../target-lane.ts";

/**
 * Whether a store shows none of the accounts that are linked, but for these identities', of which it may well show none: a list that came
 * without its lines proves of nobody that he is gone (law 4). Throws a `StoreError`.
 */
export async function showsNothing(
  { connector, index }: TargetLane,
  butFor: ReadonlySet<string>,
  call: Call,
): Promise<boolean> {
  const isOther = (identity: string | undefined) => identity !== undefined && !butFor.has(identity);
  if (!index.entries().some(({ identity }) => isOther(identity))) return false;
  for await (const page of connector.scan("accounts", call))
    if (page.some(({ anchor }) => isOther(index.at(anchor)?.identity))) return false;
  return true;
}
