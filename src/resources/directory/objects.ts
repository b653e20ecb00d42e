/** An object of a document, and where in the document it stands: at its root, or in a list's `items`. */
export interface Found {
  readonly value: unknown;
  readonly path: readonly (string | number)[];
}

/** The objects of a document: itself, or the items of a `List` (or `IdentityList`, …), as kubectl reads them. */
export function objectsIn(document: unknown): Found[] {
  if (!isList(document)) return [{ value: document, path: [] }];
  return document.items.map((value, index) => ({ value, path: ["items", index] }));
}

function isList(document: unknown): document is { items: unknown[] } {
  if (document === null || typeof document !== "object") return false;
  const { kind, items } = document as Record<string, unknown>;
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
}
