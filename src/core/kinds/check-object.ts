import { fieldOf } from "./field.ts";
import type { AnyResource, Problem, Resource } from "./resource.ts";
import { secretsInClear } from "./secrets.ts";

export interface Fault {
  /** Below `spec`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly severity?: "Warning";
}

/** What is wrong with an object that its schema cannot say, looking at nothing but the object. */
export function checkObject(resource: Resource): Problem[] {
  const object = resource as AnyResource;
  return secretsInClear(object).map(({ path, ...fault }) => ({
    kind: object.kind,
    name: object.name,
    field: fieldOf(["spec", ...asWritten(object, path)]),
    ...fault,
  }));
}

/** A connector's block stands under the connector's name in the manifest. */
function asWritten({ kind, spec }: AnyResource, path: Fault["path"]): Fault["path"] {
  if (path[0] !== "block" || (kind !== "Store" && kind !== "Target")) return path;
  return [spec.block?.connector ?? "", ...path.slice(2)];
}
