import type { z } from "zod";
import { approvalKind } from "./approval.ts";
import { checkObject } from "./check-object.ts";
import { objectName } from "./common.ts";
import { fieldOf } from "./field.ts";
import { explainIssue } from "./issue.ts";
import {
  type ApiKind,
  apiVersion,
  type ConnectorBlocks,
  isManifestKind,
  type KindName,
  kinds,
  withBlock,
} from "./kinds.ts";
import { didYouMean, nearest } from "./nearest.ts";
import { type TaskAnswer, type TaskSpec, taskAnswer, taskKind } from "./provisioning-task.ts";
import type { Problem, Resource } from "./resource.ts";
import { type JsonSchema, jsonSchema, schemaAt, unknownFields } from "./schema.ts";

/** The kinds that people write down: those that decisions are made from, and what they say of tasks. */
type WrittenKindName = KindName | typeof taskKind.name;

/** What became of one object of a manifest. */
export interface Parsed {
  /** Undefined where the object does not say, or says it wrongly. */
  readonly kind: WrittenKindName | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** Undefined where there is an error, and of a ProvisioningTask. */
  readonly resource: Resource | undefined;
  /** What a ProvisioningTask says, where it says something. */
  readonly answer?: TaskAnswer;
  /** All errors and warnings, without locations. */
  readonly problems: readonly Problem[];
}

export interface ManifestParser {
  /** Whether a document is, or was meant to be, one of our objects. Others in the same folder are none of our business. */
  isManifest(value: unknown): boolean;
  /** Checks one object by itself. `digest` changes whenever its source does. */
  parse(value: unknown, digest: string): Parsed;
}

type Members = Readonly<Record<string, unknown>>;
type Fault = Pick<Problem, "field" | "message">;
type CompiledKind = ApiKind<WrittenKindName> & { readonly schema: JsonSchema };

const group = apiVersion.slice(0, apiVersion.indexOf("/"));
const topLevel = ["apiVersion", "kind", "metadata", "spec", "status"];
/** What a person writes of ObjectMeta, then what the API server adds and `kubectl get -o yaml` shows. */
const metadataFields = [
  ...["name", "namespace", "labels", "annotations"],
  ...["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"],
  ...["deletionGracePeriodSeconds", "managedFields", "ownerReferences", "finalizers"],
];

/** A parser for all kinds, the connectors' blocks put in. */
export function manifestParser(connectors: readonly ConnectorBlocks[]): ManifestParser {
  const known = new Map<string, CompiledKind>(
    [...kinds(connectors), taskKind].map((kind) => [kind.name, { ...kind, schema: jsonSchema(kind.spec) }]),
  );
  return {
    isManifest: (value) => isMembers(value) && isOurs(value, known),
    parse: (value, digest) => parseObject(value as Members, digest, known, connectors),
  };
}

function isOurs(value: Members, known: ReadonlyMap<string, CompiledKind>): boolean {
  if (typeof value.apiVersion !== "string") return "spec" in value && known.has(String(value.kind));
  return nearest(value.apiVersion.split("/")[0]!, [group]) !== undefined;
}

function parseObject(
  value: Members,
  digest: string,
  known: ReadonlyMap<string, CompiledKind>,
  connectors: readonly ConnectorBlocks[],
): Parsed {
  const kind = known.get(String(value.kind));
  const metadata = isMembers(value.metadata) ? value.metadata : {};
  const name = objectName.safeParse(metadata.name).data;
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : undefined;
  const { spec, faults } = parseSpec(kind, value.spec);
  const all = [...headFaults(value, kind, known.keys()), ...faults];
  const head = { kind: kind?.name, name, namespace };
  if (kind === undefined || name === undefined || spec === undefined || all.length > 0) {
    const identity = { kind: String(value.kind), ...(name === undefined ? {} : { name }) };
    return { ...head, resource: undefined, problems: all.map((fault) => ({ ...identity, ...fault })) };
  }
  if (!isManifestKind(kind.name)) {
    const answer = taskAnswer(name, spec as TaskSpec, digest);
    return { ...head, resource: undefined, ...(answer && { answer }), problems: [] };
  }
  const resource = {
    kind: kind.name,
    name,
    spec: completed(kind.name, name, spec, connectors),
    digest,
  } as Resource;
  const problems = checkObject(resource);
  const valid = problems.every((problem) => problem.severity === "Warning");
  return { ...head, resource: valid ? resource : undefined, problems };
}

function headFaults(value: Members, kind: CompiledKind | undefined, kindNames: Iterable<string>): Fault[] {
  const faults: Fault[] = [];
  const fault = (field: string, message: string) => faults.push({ field, message });
  if (value.apiVersion !== apiVersion) fault("apiVersion", `must be ${apiVersion}`);
  if (kind === undefined) fault("kind", unknownKind(String(value.kind), [...kindNames]));
  for (const key of strangers(value, topLevel))
    fault(key, `is not a known field${didYouMean(key, topLevel)}`);
  if (!isMembers(value.metadata)) {
    fault("metadata", "must be an object with name");
    return faults;
  }
  for (const key of strangers(value.metadata, metadataFields)) {
    fault(fieldOf(["metadata", key]), `is not a known field${didYouMean(key, metadataFields)}`);
  }
  for (const key of ["name", "namespace"]) {
    if (key === "namespace" && value.metadata.namespace === undefined) continue;
    const checked = objectName.safeParse(value.metadata[key], {
      error: (issue) => explainIssue(issue, undefined),
    });
    for (const issue of checked.error?.issues ?? []) fault(`metadata.${key}`, issue.message);
  }
  for (const key of ["labels", "annotations"]) {
    if (!isTexts(value.metadata[key])) fault(`metadata.${key}`, "must be an object whose values are texts");
  }
  return faults;
}

function unknownKind(kind: string, known: readonly string[]): string {
  if (kind === approvalKind.name)
    return "an Approval is made at the API by who approves, never in Git: take it out, and use rollcall approve";
  return `must be one of ${known.join(", ")}${didYouMean(kind, known)}`;
}

function parseSpec(kind: CompiledKind | undefined, value: unknown): { spec?: Members; faults: Fault[] } {
  if (kind === undefined) return { faults: [] };
  const parsed = kind.spec.safeParse(value, {
    error: (issue) => explainIssue(issue, schemaAt(kind.schema, issue.path ?? [])),
  });
  const issues = (parsed.error?.issues ?? []).flatMap(flatIssues);
  const faults = [...issues, ...unknownFields(kind.schema, value)].map(({ path, message }) => ({
    field: fieldOf(["spec", ...path.map((step) => (typeof step === "number" ? step : String(step)))]),
    message,
  }));
  return parsed.success ? { spec: parsed.data as Members, faults } : { faults };
}

/** An invalid key of a record holds its own issues, which say more. */
function flatIssues(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code !== "invalid_key") return [issue];
  return issue.issues.map(({ message }) => ({ path: issue.path, message: `as a name ${message}` }));
}

/** What follows from a spec without being written there. */
function completed(
  kind: KindName,
  name: string,
  spec: Members,
  connectors: readonly ConnectorBlocks[],
): Members {
  if (kind === "Identity") return { ...spec, id: spec.id ?? name };
  return kind === "Store" || kind === "Target" ? withBlock(spec, connectors) : spec;
}

function isMembers(value: unknown): value is Members {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return (
    value === undefined ||
    (isMembers(value) && Object.values(value).every((text) => typeof text === "string"))
  );
}

function strangers(value: Members, known: readonly string[]): string[] {
  return Object.keys(value).filter((key) => !known.includes(key));
}
