import type { Values } from "../../core/model/values.ts";
import { type Image, patchBetween } from "../../report/patch.ts";
import type { Intent } from "../../state/state.ts";
import { imageAfter } from "../intent-image.ts";

/** An update of which a part was made: that part, and the rest. */
export interface Split {
  readonly made: Intent;
  readonly rest: Intent;
}

/** Splits an update by what of it an account bears; undefined where that is all of it or nothing, or where it is none. */
export function splitUpdate(
  intent: Intent,
  isBorne: (attribute: string, values: Values) => boolean,
): Split | undefined {
  if (intent.operation !== "Update") return undefined;
  const before = intent.before as Image;
  const after = imageAfter(intent);
  const names = Object.keys({ ...before.attributes, ...after.attributes });
  const borne = new Set(names.filter((name) => isBorne(name, after.attributes?.[name] ?? [])));
  if (borne.size === 0 || (borne.size === names.length && after.name === undefined)) return undefined;
  return {
    made: changedBy(intent, only(borne, before), only(borne, after)),
    rest: changedBy(intent, without(borne, before), without(borne, after)),
  };
}

function changedBy(intent: Intent, before: Image, after: Image): Intent {
  return { ...intent, before: { ...before }, patch: patchBetween(before, after) };
}

function only(names: ReadonlySet<string>, { attributes = {} }: Image): Image {
  return { attributes: filtered(attributes, (name) => names.has(name)) };
}

function without(names: ReadonlySet<string>, { attributes = {}, ...others }: Image): Image {
  return { ...others, attributes: filtered(attributes, (name) => !names.has(name)) };
}

function filtered(attributes: Readonly<Record<string, Values>>, isIn: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isIn(name)));
}
