import { waitFor } from "../wait.ts";
import type { Ended } from "./kubectl.ts";

/**
 * Resolves when every kind that is defined is found by kubectl, and read. That a definition is established says less: what tells
 * clients which kinds there are, and what serves them, learn of it one after the other.
 */
export async function definitionsServed(kubectl: (args: readonly string[]) => Promise<Ended>): Promise<void> {
  const areServed = async () => {
    const { code, stdout } = await kubectl(["get", "crd", "-o", "name"]);
    const kinds = [...stdout.matchAll(/^customresourcedefinition\S*\/(\S+)$/gm)].map(([, kind]) => kind);
    if (code !== 0 || kinds.length === 0) return code === 0;
    // A namespace that has none of them: there is nothing to show.
    return (await kubectl(["get", kinds.join(","), "--namespace=kube-public", "-o", "name"])).code === 0;
  };
  await waitFor(areServed, { timeout: 120_000, what: "the API server serves every kind that is defined" });
}
