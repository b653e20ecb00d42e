import { StoreError } from "../connectors/errors.ts";
import { identityValue } from "../core/expression/identity-value.ts";
import { type PasswordPlace, placeText } from "../core/model/password.ts";
import type { AccountCase } from "../core/plan/case.ts";
import { chunks } from "./breathe.ts";
import type { Desires } from "./desires.ts";
import { passwordVersion } from "./password-steps.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

type Read = NonNullable<AccountCase["password"]>;

/** Places read at once. */
const readsAtOnce = 32;
/** Milliseconds that one may take. */
const readTimeout = 30_000;

/** What the passwords of these accounts are to be, by identity: of those whose passwords stand somewhere. */
export async function passwordsOf(
  lane: TargetLane,
  suspects: readonly Suspect[],
): Promise<ReadonlyMap<string, Read>> {
  const places: [string, PasswordPlace][] = [];
  for (const { identity, desired, membershipsOnly } of suspects) {
    if (desired.presence !== "Present" || membershipsOnly) continue;
    if (desired.password?.how === "Read") places.push([identity, desired.password.place]);
  }
  return readAll(lane, places);
}

/** Linked identities whose password is another than the one that was set last, or can no longer be read. Reads every place. */
export async function changedPasswords(lane: TargetLane, desires: Desires): Promise<ReadonlySet<string>> {
  const { passwords } = lane.model;
  if (passwords?.how !== "Read") return new Set();
  const places: [string, PasswordPlace][] = [];
  for (const { identity, status } of lane.index.entries()) {
    const found = status === "Enabled" ? desires.identity(identity)?.resource : undefined;
    const place = found && passwords.place({ identity: identityValue(found.name, found.spec) });
    if (place && !("held" in place)) places.push([identity, place]);
  }
  const changed = new Set<string>();
  for (const [identity, read] of await readAll(lane, places))
    if ("held" in read || read.version !== lane.index.of(identity)?.password) changed.add(identity);
  return changed;
}

async function readAll(
  lane: TargetLane,
  places: readonly (readonly [string, PasswordPlace])[],
): Promise<ReadonlyMap<string, Read>> {
  const found = new Map<string, Read>();
  for (const some of chunks(places, readsAtOnce))
    await Promise.all(
      some.map(async ([identity, place]) => found.set(identity, await read(lane, identity, place))),
    );
  return found;
}

async function read({ passwords, model }: TargetLane, identity: string, place: PasswordPlace): Promise<Read> {
  try {
    const value = await passwords.read(place, AbortSignal.timeout(readTimeout));
    if (value === "") return { held: `${placeText(place)} is empty` };
    return { version: passwordVersion(model, identity, value) };
  } catch (error) {
    if (error instanceof StoreError) return { held: error.message };
    throw error;
  }
}
