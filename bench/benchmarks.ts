import type { Figure } from "./figure.ts";
import { kubernetes } from "./kubernetes/kubernetes.ts";
import { ldap } from "./ldap.ts";
import { memory, memoryFigures, type Usage } from "./memory.ts";
import { postgres } from "./postgres.ts";
import { role } from "./role.ts";
import { save } from "./save.ts";

/** One measurement in a process of its own, so that none warms up, fills or tires another's. */
export interface Part {
  readonly name: string;
  run(quick: boolean): Promise<readonly Figure[] | Usage>;
}

const small = (size: number, quick: boolean) => (quick ? size / 10 : size);

export const parts: readonly Part[] = [
  { name: "fsync-20k", run: (quick) => ldap(small(20_000, quick), true) },
  { name: "fsync-100k", run: (quick) => ldap(small(100_000, quick), true) },
  { name: "ldap-20k", run: (quick) => ldap(small(20_000, quick), false) },
  { name: "ldap-100k", run: (quick) => ldap(small(100_000, quick), false) },
  { name: "postgres-100k", run: (quick) => postgres(small(100_000, quick)) },
  { name: "role-10k", run: (quick) => role(small(10_000, quick)) },
  { name: "save-20k", run: (quick) => save(small(20_000, quick), quick ? 50 : 300) },
  { name: "k8s-20k", run: (quick) => kubernetes(small(20_000, quick), quick ? 30 : 200) },
  { name: "memory-10k", run: (quick) => memory(small(10_000, quick)) },
  { name: "memory-100k", run: (quick) => memory(small(100_000, quick)) },
];

/** The figures of all parts that were run. */
export function figuresOf(
  results: ReadonlyMap<string, readonly Figure[] | Usage>,
  quick: boolean,
): readonly Figure[] {
  const [tenth, whole] = [results.get("memory-10k"), results.get("memory-100k")];
  const listed = [...results.values()].flatMap((result) => (isList(result) ? result : []));
  if (!tenth || !whole || isList(tenth) || isList(whole)) return listed;
  return [...listed, ...memoryFigures(small(100_000, quick), whole, tenth)];
}

function isList(result: readonly Figure[] | Usage): result is readonly Figure[] {
  return Array.isArray(result);
}
