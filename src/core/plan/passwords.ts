import type { DesiredAccount } from "../desired/desired.ts";
import type { ReasonChain } from "../model/change.ts";
import type { Link } from "../model/link.ts";
import {
  generatedPassword,
  givenPassword,
  type PasswordChange,
  placeText,
  unknownPassword,
} from "../model/password.ts";
import type { AccountCase } from "./case.ts";
import type { PlanContext } from "./context.ts";

type Present = Extract<DesiredAccount, { presence: "Present" }>;

/** What a target's passwords ask for: a change, nothing, or why it cannot be told. */
export type PasswordPlan =
  | { readonly change?: PasswordChange }
  /** `holdsAll`: the account must not come to be used with the password that it has. */
  | { readonly held: string; readonly holdsAll?: boolean };

const nothing: PasswordPlan = {};
const elsewhere: ReadonlySet<string> = new Set([unknownPassword, generatedPassword, givenPassword]);

/** The password of an account that is to be created. */
export function firstPassword(context: PlanContext, one: AccountCase, desired: Present): PasswordPlan {
  return desired.password?.how === "Generated"
    ? generated(context, desired, false)
    : readPassword(one, desired, undefined);
}

/**
 * The password of an account that is there. A generated one is given only where a crash or a lost answer left unknown whether it was
 * set, and with `enables` where the target asks for it: nobody's password changes because a target begins to give initial ones.
 */
export function laterPassword(
  context: PlanContext,
  one: AccountCase,
  { link, desired, enables }: { readonly link: Link; readonly desired: Present; readonly enables: boolean },
): PasswordPlan {
  const { passwords } = context.model;
  const isUnknown = link.password === unknownPassword;
  const isRead = passwords?.how === "Read";
  const isDue = isRead || isUnknown || (enables && passwords?.resetsOnEnable === true);
  if (!isDue) return nothing;
  const plan = isRead ? readPassword(one, desired, link.password) : generated(context, desired, true);
  return "held" in plan ? { ...plan, holdsAll: enables && (isUnknown || !isRead) } : plan;
}

/** Why the password of an account that is there is set. */
export function passwordReasons(change: PasswordChange | undefined): readonly ReasonChain[] {
  if (change === undefined) return [];
  const { how, place, replaces } = change;
  const what = place === undefined ? "" : placeText(place);
  const detail =
    how === "Generated"
      ? "it is not known whether one was set"
      : `${what} ${replaces ? "has changed" : "holds its password"}`;
  return [[{ source: "Password", name: "", detail }]];
}

function generated({ model }: PlanContext, { password }: Present, replaces: boolean): PasswordPlan {
  if (password?.how === "Held") return { held: password.reason };
  if (password === undefined) return nothing;
  const mustChange = model.passwords?.mustChange === true;
  return {
    change: { how: "Generated", place: password.place, version: generatedPassword, mustChange, replaces },
  };
}

/** `known`: the version that was set last. */
function readPassword(one: AccountCase, { password }: Present, known: string | undefined): PasswordPlan {
  if (password === undefined) return nothing;
  if (password.how === "Held") return { held: password.reason };
  const read = one.password ?? { held: "its password has not been read" };
  if ("held" in read) return read;
  const { version } = read;
  if (version === known) return nothing;
  // One that came from elsewhere says nothing of what stands here.
  const replaces = known !== undefined && !elsewhere.has(known);
  return { change: { how: "Read", place: password.place, version, mustChange: false, replaces } };
}
