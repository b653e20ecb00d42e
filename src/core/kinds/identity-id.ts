import type { Resource } from "./resource.ts";

/** The identity's key: its `id`, or the object's name where it has none. */
export function identityId(resource: Resource<"Identity">): string {
  return resource.spec.id ?? resource.name;
}
