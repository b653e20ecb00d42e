import { mariadb } from "./databases/mariadb.ts";
import { postgres } from "./databases/postgres.ts";
import { sqlite } from "./databases/sqlite.ts";
import { directory } from "./directories/directories.ts";
import { ds389 } from "./directories/ldap.ts";
import { samba } from "./directories/samba.ts";
import type { Figure } from "./figure.ts";
import { csv } from "./files/csv.ts";
import { ldif } from "./files/ldif.ts";
import { scanFile } from "./files/scan.ts";
import { kubernetes } from "./kubernetes/kubernetes.ts";
import { ldap } from "./ldap.ts";
import { memory, memoryFigures, type Usage } from "./memory.ts";
import { role } from "./role.ts";
import { save } from "./save.ts";
import { sql } from "./sql.ts";

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
  { name: "postgres-100k", run: (quick) => sql(postgres, small(100_000, quick)) },
  { name: "mariadb-100k", run: (quick) => sql(mariadb, small(100_000, quick)) },
  { name: "sqlite-100k", run: (quick) => sql(sqlite, small(100_000, quick)) },
  { name: "role-10k", run: (quick) => role(small(10_000, quick)) },
  { name: "save-20k", run: (quick) => save(small(20_000, quick), quick ? 50 : 300) },
  { name: "k8s-20k", run: (quick) => kubernetes(small(20_000, quick), quick ? 30 : 200) },
  {
    name: "directories-389",
    run: (quick) => directory(ds389, small(5_000, quick), small(50_000, quick)),
  },
  {
    name: "directories-samba",
    run: (quick) => directory(samba, small(5_000, quick), small(50_000, quick)),
  },
  { name: "scan-csv-1m", run: (quick) => scanFile(csv, small(1_000_000, quick)) },
  { name: "scan-ldif-1m", run: (quick) => scanFile(ldif, small(1_000_000, quick)) },
  { name: "memory-10k", run: (quick) => memory(small(10_000, quick)) },
  { name: "memory-100k", run: (quick) => memory(small(100_000, quick)) },
];

/** The figures of the parts that were run. Those of memory are told of the larger company, once both were run. */
export function figuresOf(
  results: ReadonlyMap<string, readonly Figure[] | Usage>,
  quick: boolean,
): ReadonlyMap<string, readonly Figure[]> {
  const figures = new Map<string, readonly Figure[]>();
  for (const [name, result] of results) if (isList(result)) figures.set(name, result);
  const [tenth, whole] = [results.get("memory-10k"), results.get("memory-100k")];
  if (tenth && whole && !isList(tenth) && !isList(whole))
    figures.set("memory-100k", memoryFigures(small(100_000, quick), whole, tenth));
  return figures;
}

function isList(result: readonly Figure[] | Usage): result is readonly Figure[] {
  return Array.isArray(result);
}
