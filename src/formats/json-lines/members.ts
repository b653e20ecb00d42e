import { textOf } from "./exact.ts";

/** A JSON object. Its members are read as its own alone: `__proto__` and `toString` are names like any other. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("rawJSON" in value);
}

export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function setMember(object: JsonObject, name: string, value: unknown): void {
  if (value === undefined) delete object[name];
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** All values under a path, through objects and the lists on its way. An empty text is no value. */
export function valuesAt(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => valuesAt(element, path));
  const [name, ...rest] = path;
  if (name !== undefined) return isObject(value) ? valuesAt(memberOf(value, name), rest) : [];
  const text = textOf(value);
  return text === undefined || text === "" ? [] : [text];
}
