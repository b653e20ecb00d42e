import { checkExports } from "./check-export.ts";
import { targetsRead } from "./expressions.ts";
import type { Fault } from "./fault.ts";
import { fieldOf } from "./field.ts";
import { didYouMean } from "./nearest.ts";
import { referencesOf } from "./references.ts";
import type { AnyResource, Problem, Resource } from "./resource.ts";

/** By `Kind/name`. */
type Objects = ReadonlyMap<string, AnyResource>;
type Names = ReadonlyMap<string, readonly string[]>;

/** Looking for a near name among more than this costs more than it helps. */
const mostNames = 2000;

/**
 * What is wrong between objects: all of it, in the order of the objects. An object that is there but not valid (`invalid`, as
 * `Kind/name`) may be referred to: its own problems are reported already. Identities may manage each other in a ring.
 */
export function checkResources(resources: readonly Resource[], invalid: Iterable<string> = []): Problem[] {
  const work = checkEach(resources, invalid);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The same, so that a process can breathe: it yields after each object. */
export function* checkEach(
  resources: readonly Resource[],
  invalid: Iterable<string> = [],
): Generator<void, Problem[]> {
  const objects = new Map(resources.map((resource) => [keyOf(resource), resource as AnyResource]));
  const known = new Set([...objects.keys(), ...invalid]);
  const names = Map.groupBy(known, (key) => key.slice(0, key.indexOf("/")));
  const owners = Map.groupBy(identitiesOf(objects), ({ spec }) => spec.id);
  const used = new Set<string>();
  const problems: Problem[] = [];
  for (const object of objects.values()) {
    const references = referencesOf(object).map(({ kind, name, path }) => ({ key: `${kind}/${name}`, path }));
    for (const { key } of references) used.add(key);
    const faults = [
      ...references.filter(({ key }) => !known.has(key)).map(({ key, path }) => dangling(key, path, names)),
      ...idFaults(object, owners),
    ];
    problems.push(...faults.map((fault) => problemOf(object, fault)));
    yield;
  }
  return [
    ...problems,
    ...checkTargets(resources),
    ...checkExports(resources),
    ...unusedProfiles(objects, used),
  ];
}

/** What makes a target unusable together with its store or with other targets: as wrong as if it were in the target itself. */
export function checkTargets(resources: readonly Resource[]): Problem[] {
  const systems = resources.filter(({ kind }) => kind === "Store" || kind === "Target") as AnyResource[];
  const objects = new Map(systems.map((object) => [keyOf(object), object]));
  const rings = targetRings(objects);
  return systems.flatMap((object) =>
    [...fitFaults(object, objects), ...(rings.get(object) ?? [])].map((fault) => problemOf(object, fault)),
  );
}

function dangling(key: string, path: Fault["path"], names: Names): Fault {
  const [kind, name] = key.split("/", 2) as [string, string];
  const candidates = names.get(kind) ?? [];
  const hint =
    candidates.length > mostNames
      ? ""
      : didYouMean(
          name,
          candidates.map((other) => other.slice(kind.length + 1)),
        );
  return { path, message: `names the ${kind} "${name}", which does not exist${hint}` };
}

function idFaults(
  object: AnyResource,
  owners: ReadonlyMap<string | undefined, readonly Resource<"Identity">[]>,
): Fault[] {
  if (object.kind !== "Identity") return [];
  const other = owners.get(object.spec.id)?.find((owner) => owner.name !== object.name);
  if (other === undefined) return [];
  const place = other.location ? ` (${other.location.file}:${other.location.line})` : "";
  return [
    {
      path: ["id"],
      message: `is also the id of Identity ${other.name}${place}: an id belongs to one identity`,
    },
  ];
}

/** A target speaks of its store in the words of the store's connector. */
function fitFaults(object: AnyResource, objects: Objects): Fault[] {
  if (object.kind !== "Target") return [];
  const store = objects.get(`Store/${object.spec.store.name}`);
  if (store?.kind !== "Store") return [];
  return [...blockFaults(object, store), ...wordFaults(object, store)];
}

function blockFaults({ spec }: Resource<"Target">, store: Resource<"Store">): Fault[] {
  const [mine, theirs] = [spec.block?.connector, store.spec.block.connector];
  if (mine === undefined || mine === theirs) return [];
  return [
    { path: [mine], message: `does not fit Store ${store.name}, which has ${theirs}: write spec.${theirs}` },
  ];
}

/** What keeps a target from a store of nothing but people's word. That stands in the state, and no secret ever does (law 9). */
export function wordFaults({ spec }: Resource<"Target">, store: Resource<"Store">): Fault[] {
  if (!store.spec.block.isRecord) return [];
  const word = `what is in Store ${store.name} is what people say that they did`;
  const secrets = Object.entries(spec.accounts.attributes).filter(([, { sensitive }]) => sensitive);
  return [
    ...(spec.tasks ? [] : [{ path: ["tasks"], message: `is missing: ${word}; say who is asked to` }]),
    ...secrets.map(([name]) => ({
      path: ["accounts", "attributes", name, "sensitive"],
      message: `cannot be kept: ${word}, and stands there as it is; unmap ${name}`,
    })),
  ];
}

/** For each target that reads accounts of others which, in turn, read its own: where it does. */
function targetRings(objects: Objects): Map<AnyResource, Fault[]> {
  const targets = [...objects.values()].filter(({ kind }) => kind === "Target");
  const reads = new Map(targets.map((target) => [target.name, targetsRead(target)]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    from === to ||
    (!seen.has(from) &&
      !!seen.add(from) &&
      (reads.get(from) ?? []).some(({ target }) => reaches(target, to, seen)));
  return new Map(
    targets.map((target) => [
      target,
      reads
        .get(target.name)!
        .filter((read) => reaches(read.target, target.name))
        .map((read) => ({
          path: read.path,
          message: `reads accounts of Target "${read.target}", which reads this one's: no order would do`,
        })),
    ]),
  );
}

function unusedProfiles(objects: Objects, used: ReadonlySet<string>): Problem[] {
  return [...objects]
    .filter(([key, object]) => object.kind === "AccessProfile" && !object.spec.requestable && !used.has(key))
    .map(([, object]) =>
      problemOf(object, {
        path: [],
        message: "is not used: no business role gives it, nobody is granted it, and it is not requestable",
        severity: "Warning",
      }),
    );
}

function* identitiesOf(objects: Objects): Generator<Resource<"Identity">> {
  for (const object of objects.values()) if (object.kind === "Identity") yield object;
}

function keyOf({ kind, name }: Resource): string {
  return `${kind}/${name}`;
}

function problemOf({ kind, name, location }: AnyResource, { path, ...fault }: Fault): Problem {
  const field = path.length === 0 ? {} : { field: fieldOf(["spec", ...path]) };
  return { kind, name, ...(location && { location }), ...field, ...fault };
}
