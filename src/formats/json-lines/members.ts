import { isExactNumber } from "./exact.ts";

/** A JSON object. Its members are read as its own alone: `__proto__` and `toString` are names like any other. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isExactNumber(value);
}

export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function setMember(object: JsonObject, name: string, value: unknown): void {
  if (value === undefined) delete object[name];
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** All that lies under a path, through objects and the lists on its way. */
export function leavesAt(value: unknown, path: readonly string[], from = 0): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((element) => leavesAt(element, path, from));
  if (from === path.length) return [value];
  return isObject(value) ? leavesAt(memberOf(value, path[from]!), path, from + 1) : [];
}
