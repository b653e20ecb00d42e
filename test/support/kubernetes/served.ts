import { waitFor } from "../wait.ts";
import type { Ended } from "./kubectl.ts";

/**
 * Resolves when every kind that is defined is found by kubectl, and read. That a definition is established says less: what tells
 * clients which kinds there are, and what serves them, learn of it one after the other.
 */
export async function definitionsServed(kubectl: (args: readonly string[]) => Promise<Ended>): Promise<void> {
  const wait = ["wait", "--for=condition=Established", "--timeout=120s", "crd", "--all", "-o", "name"];
  const established = (await kubectl(wait)).stdout.matchAll(/^customresourcedefinition\S*\/(\S+)$/gm);
  const kinds = [...established].map(([, kind]) => kind).join(",");
  if (kinds === "") return;
  // A namespace that has none of them: there is nothing to show.
  const look = ["get", kinds, "--namespace=kube-public", "-o", "name"];
  await waitFor(async () => (await kubectl(look)).code === 0, { what: `the API server serves ${kinds}` });
}
