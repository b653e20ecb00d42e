import type { ReasonChain } from "../core/model/change.ts";
import type { Values } from "../core/model/values.ts";
import { changeText } from "./change-text.ts";
import type {
  AttributeExplanation,
  EntitlementExplanation,
  Explanation,
  Supposition,
  TargetExplanation,
} from "./explanation.ts";
import { plain, reasonsText, shortened } from "./words.ts";

/** An explanation for people: a tree of what there is, each with its reason. */
export function explanationText(explanation: Explanation): string {
  const { unknown, timers, targets, supposing } = explanation;
  return `${[
    ...headText(explanation.identity),
    ...unknown.map((reason) => `! cannot be told: ${plain(reason)}; nothing is removed because of it`),
    ...(targets.length === 0 ? ["", "no account anywhere, and none is due"] : []),
    ...targets.flatMap((target) => ["", ...targetText(target)]),
    ...(timers.length > 0
      ? ["", "By itself:", ...timers.map(({ at, what }) => `  ${at}  ${plain(what)}`)]
      : []),
    ...(supposing ? ["", ...suppositionText(supposing)] : []),
  ].join("\n")}\n`;
}

function headText(identity: Explanation["identity"]): readonly string[] {
  const { name, id, declaredAt, standing, standingReason, active, inactive } = identity;
  const known = id === name ? "" : `, id ${plain(id)}`;
  const remark = {
    Current: "",
    Held: `, held as it was: ${plain(standingReason ?? "")}`,
    Vanished: ", no longer declared",
  }[standing];
  return [
    `Identity ${name}${known}${declaredAt ? ` (${plain(declaredAt)})` : ""}${remark}`,
    active ? "active" : `not active: ${inactive}`,
  ];
}

function targetText(target: TargetExplanation): readonly string[] {
  const { link, attributes, entitlements, changes, findings } = target;
  return [
    `Target ${target.target} (Store ${target.store})`,
    ...(target.error === undefined ? [] : [`  ! not asked: ${plain(target.error)}`]),
    ...(target.notRun === undefined ? [] : [`  not asked: ${plain(target.notRun)}`]),
    `  account: ${accountText(target)}`,
    ...whyText("    ", target.reasons),
    ...(link
      ? [`    linked to ${plain(link.name)} (${link.origin}, ${link.status}, anchor ${plain(link.anchor)})`]
      : []),
    ...(target.protected === undefined ? [] : [`    protected, and left alone: ${plain(target.protected)}`]),
    ...(target.trouble ? [`    cannot log in as it is: ${target.trouble.join(", ")}`] : []),
    ...(target.nameFrom === undefined ? [] : [`    name from ${plain(target.nameFrom)}`]),
    ...section("  attributes:", attributes.flatMap(attributeText)),
    ...section("  entitlements:", entitlements.flatMap(entitlementText)),
    ...section(
      "  the next run:",
      changes.flatMap((change) => [
        ...changeText(change),
        ...(change.withheld
          ? [`      held (${change.withheld.kind}): ${plain(change.withheld.reason)}`]
          : []),
      ]),
    ),
    ...section(
      "  to be seen to:",
      findings.map(({ kind, message }) => `! ${kind}: ${plain(message)}`),
    ),
  ];
}

function accountText({ account, name, because }: TargetExplanation): string {
  switch (account) {
    case "Yes":
      return plain(name ?? "yes");
    case "No":
      return `none is due: ${because}`;
    case "Cut":
      return `none: ${because}`;
    default:
      return `${account === "Held" ? "cannot be told" : "waits"}: ${plain(because ?? "")}`;
  }
}

function attributeText({ name, from, apply, values, current }: AttributeExplanation): readonly string[] {
  const wanted = values === undefined ? "left alone" : valuesText(values);
  const same = current !== undefined && values !== undefined && valuesText(current) === wanted;
  const differs = current === undefined || same ? "" : `, the store has ${valuesText(current)}`;
  const rule = apply === "Always" ? "" : ` (${apply})`;
  return [`${plain(name)}: ${wanted}${differs}`, `    from ${plain(from)}${rule}`];
}

function entitlementText({ name, state, reasons, because }: EntitlementExplanation): readonly string[] {
  const word: Readonly<Record<EntitlementExplanation["state"], string>> = {
    Granted: "granted",
    Adopted: "adopted: it was there before",
    Preexisting: "there before, and left alone",
    NotYet: "not yet",
    Ending: "no longer due",
    Held: `kept, since it cannot be told: ${plain(because ?? "")}`,
  };
  return [`${plain(name)}: ${word[state]}`, ...whyText("    ", reasons)];
}

function suppositionText({ edits, active, access, values, unknown }: Supposition): readonly string[] {
  const changes = [
    ...access.map(
      ({ change, target, entitlement, reasons }) =>
        `${change === "Gained" ? "+" : "-"} ${entitlement === undefined ? "account" : plain(entitlement)} in ${target}: ${reasonsText(reasons)}`,
    ),
    ...values.map(
      ({ target, name, before, after }) =>
        `~ ${plain(name)} in ${target}: ${valuesText(before)} → ${valuesText(after)}`,
    ),
    ...unknown.map((reason) => `! cannot be told: ${plain(reason)}`),
  ];
  return [
    `If ${edits.map(plain).join(" and ")}${active ? "" : " (not active then)"}:`,
    ...(changes.length === 0 ? ["  nothing would change"] : changes.map((line) => `  ${line}`)),
  ];
}

function whyText(indent: string, reasons: readonly ReasonChain[]): readonly string[] {
  return reasons.map((chain) => `${indent}because ${reasonsText([chain])}`);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `    ${line}`)];
}

function valuesText(values: Values): string {
  return values.length === 0 ? "(nothing)" : shortened(plain(values.join(", ")));
}
