import { isDeepStrictEqual } from "node:util";
import { waitFor } from "../wait.ts";

/**
 * What has been written to the API server, as soon as `meanwhile` happens without another write: of what was done before, the last that is
 * told may be on its way for a while.
 */
export function onceQuiet<T extends object>(
  written: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<T> {
  return waitFor(
    async () => {
      const before = await written();
      await meanwhile();
      return isDeepStrictEqual(await written(), before) ? before : undefined;
    },
    { what: "nothing more is written" },
  );
}
