import { StoreError } from "../connectors/errors.ts";
import type { IdentityAccess } from "../core/access/access.ts";
import type { DesiredAccount } from "../core/desired/desired.ts";
import type { TargetModel } from "../core/desired/target-model.ts";
import type { InForce } from "../core/kinds/resource.ts";
import type { AccountRecord } from "../core/model/account.ts";
import type { Attributes, Values } from "../core/model/values.ts";
import { changeLine } from "../report/change-line.ts";
import type { AttributeExplanation, Explanation, TargetExplanation } from "../report/explanation.ts";
import { isSuspended, targetsNotRun } from "../report/not-run.ts";
import { masked } from "../report/patch.ts";
import { reasonsText } from "../report/words.ts";
import type { State } from "../state/state.ts";
import type { Engine } from "./engine.ts";
import { explainEntitlements } from "./explain-entitlements.ts";
import { timersOf } from "./explain-timers.ts";
import type { TargetReport } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import type { TargetLane } from "./target-lane.ts";

export interface ExplainParts {
  readonly engine: Engine;
  readonly state: State;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What a person may see of it: nothing is held back only because nobody was shown it. */
  readonly shown: RunOptions["shown"];
}

/** Explains one identity (by `id`): looks at its accounts, and changes nothing. */
export async function explain(parts: ExplainParts, id: string): Promise<Explanation> {
  const { engine, now, shown } = parts;
  const failed = await engine.narrow(id);
  const reports = new Map(failed.map((report) => [report.target, report]));
  const options: RunOptions = { planOnly: true, shown, pass: false, full: false };
  for (const report of await engine.runEach((target) => (reports.has(target) ? undefined : options)))
    reports.set(report.target, report);
  const desires = engine.desires();
  const identity = desires?.identity(id);
  const access = desires?.access(id, now);
  if (!desires || !identity || !access) throw new Error(`no manifest says who ${id} is`);
  const notRun = new Map(targetsNotRun(desires.snapshot).map((each) => [each.target, each.reason]));
  const targets: TargetExplanation[] = [];
  for (const [target, { resource, standing }] of desires.snapshot.objects.Target) {
    if (standing.status === "Vanished") continue;
    const report = reports.get(target);
    const lane = engine.lane(target);
    const explained =
      lane && report && !report.error
        ? await explainLane(parts, lane, report, desires.desire(target, id, now, access), access, id)
        : explainAccess(
            target,
            access,
            whyUnasked(report, notRun.get(target), isSuspended(resource, desires.snapshot)),
          );
    if (explained) targets.push({ ...explained, target, store: resource.spec.store.name });
  }
  return {
    format: "rollcall.dev/explanation/v1",
    at: new Date(now).toISOString(),
    revision: desires.snapshot.revision,
    identity: headOf(identity, id, access),
    unknown: access.unknown.all,
    timers: timersOf(desires.snapshot, identity, [...reports.values()], (target) => engine.lane(target), now),
    targets,
  };
}

type Explained = Omit<TargetExplanation, "target" | "store">;

function headOf(
  { resource, standing }: InForce<"Identity">,
  id: string,
  access: IdentityAccess,
): Explanation["identity"] {
  const { location } = resource;
  return {
    name: resource.name,
    id,
    ...(location ? { declaredAt: `${location.file}:${location.line}` } : {}),
    standing: standing.status,
    ...(standing.status === "Held" ? { standingReason: standing.reason } : {}),
    active: access.inactive === undefined,
    ...(access.inactive ? { inactive: reasonsText([[access.inactive]]) } : {}),
  };
}

/** What is suspended is left alone on purpose; all else is in the way. */
function whyUnasked(
  report: TargetReport | undefined,
  reason: string | undefined,
  suspended: boolean,
): Pick<Explained, "error" | "notRun"> {
  if (suspended && reason !== undefined) return { notRun: reason };
  return { error: report?.error?.message ?? `the target is not run: ${reason}` };
}

/** What the manifests alone say, where the store is not asked. */
function explainAccess(
  target: string,
  access: IdentityAccess,
  why: ReturnType<typeof whyUnasked>,
): Explained | undefined {
  const here = access.inactive ? undefined : access.targets.get(target);
  if (!here) return undefined;
  return {
    ...why,
    account: here.account.length > 0 ? "Yes" : "No",
    reasons: here.account,
    attributes: [],
    entitlements: [...here.entitlements].map(([name, { reasons }]) => ({ name, reasons, state: "NotYet" })),
    changes: [],
    findings: [],
  };
}

async function explainLane(
  { state, now }: ExplainParts,
  lane: TargetLane,
  report: TargetReport,
  desired: DesiredAccount,
  access: IdentityAccess,
  id: string,
): Promise<Explained | undefined> {
  const { model } = lane;
  const [link] = await state.linksOf(model.name, [id]);
  if (!link && desired.presence === "None") return undefined;
  const holdings = await state.holdings(model.name, { identities: [id] });
  const changes = changesOf(report, id);
  const adopted = changes.find(({ operation, of }) => operation === "Adopt" && of === "account")?.anchor;
  const record = await recordNow(lane, lane.index.of(id)?.anchor ?? adopted, now);
  return {
    ...presenceOf(desired),
    ...(desired.presence === "Present"
      ? { name: desired.name, nameFrom: sourceText(model.accountName, false) }
      : {}),
    ...(link
      ? { link: { anchor: link.anchor, name: link.name, origin: link.origin, status: link.status } }
      : {}),
    ...(record?.protected === undefined ? {} : { protected: record.protected }),
    ...(record?.trouble === undefined ? {} : { trouble: record.trouble }),
    attributes: attributesOf(model, desired, record?.attributes),
    entitlements: await explainEntitlements(lane, { desired, access, holdings, report, id }, briefCall(now)),
    changes,
    findings: report.findings
      .filter(({ identity }) => identity === id)
      .map(({ kind, message }) => ({ kind, message })),
  };
}

/** Undefined where there is no account, or it cannot be read now. */
async function recordNow(
  { connector }: TargetLane,
  anchor: string | undefined,
  now: number,
): Promise<AccountRecord | undefined> {
  if (anchor === undefined) return undefined;
  try {
    return (await connector.fetch([anchor], briefCall(now)))[0];
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

function briefCall(now: number) {
  const timeout = 60_000;
  return { signal: AbortSignal.timeout(timeout), deadline: now + timeout };
}

function presenceOf(desired: DesiredAccount): Pick<Explained, "account" | "reasons" | "because"> {
  switch (desired.presence) {
    case "Present":
      return { account: "Yes", reasons: desired.reasons };
    case "None":
      return { account: "No", reasons: [], because: reasonsText([desired.why]) };
    case "Disabled":
      return { account: "Held", reasons: [], because: "an emergency disable is in force" };
    case "Cut":
      return { account: "Cut", reasons: [], because: "the identity's links say that it has none here" };
    default:
      return { account: desired.presence, reasons: [], because: desired.reason };
  }
}

function changesOf({ guarded }: TargetReport, id: string): Explained["changes"] {
  return [
    ...guarded.items.filter(({ identity }) => identity === id).map(changeLine),
    ...guarded.withheld
      .filter(({ item }) => item.identity === id)
      .map(({ item, kind, reason }) => ({ ...changeLine(item), withheld: { kind, reason } })),
  ];
}

function attributesOf(
  model: TargetModel,
  desired: DesiredAccount,
  current: Attributes | undefined,
): readonly AttributeExplanation[] {
  const wanted = new Map(
    desired.presence === "Present" ? desired.attributes.map((each) => [each.schema.name, each]) : [],
  );
  return model.mappings.map(({ attribute, apply, sensitive, from }) => {
    const { name } = attribute;
    const shown = (values: Values) => (sensitive ? masked(values) : values);
    const found = wanted.get(name);
    return {
      name,
      from: sourceText(from, sensitive),
      apply,
      ...(found
        ? { values: found.pending === undefined ? shown(found.values) : [`(${found.pending})`] }
        : {}),
      ...(current ? { current: shown(current[name] ?? []) } : {}),
    };
  });
}

function sourceText(from: TargetModel["accountName"], sensitive: boolean): string {
  if ("expression" in from) return from.expression.source;
  return (sensitive ? masked(from.values) : from.values).map((value) => JSON.stringify(value)).join(", ");
}
