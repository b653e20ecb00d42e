import { dirname, resolve } from "node:path";
import { StoreError } from "../../connectors/errors.ts";
import { isInside, realPathOf } from "../place.ts";

/**
 * Where a file of an Export lies: below the operator's root, a real path. Links are not followed: what looks like another file might be a
 * Store's, or lie elsewhere. Throws `Denied`.
 */
export function exportPlace(root: string | undefined, file: string): string {
  const refused = (why: string) => new StoreError("Denied", `cannot write ${file}: ${why}`);
  if (root === undefined) throw refused("the controller has no --root to write below");
  const path = resolve(root, file);
  if (path === root || !isInside(path, root))
    throw refused(`it lies outside ${root}; name a wider folder with --root`);
  if (realPathOf(dirname(path)) !== dirname(path))
    throw refused("its folder is a link, or below one, which is not followed; name the folder itself");
  return path;
}
