import { importsOf, isTest, type Source } from "./source.ts";

/** Every import under src/ that the house does not allow, as "from → to: why". Tests beside the files may reach further. */
export function forbiddenImports(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => !isTest(source))
    .flatMap((source) =>
      importsOf(source).map((to) => ({ from: source.path, to, why: objection(source.path, to) })),
    )
    .filter(({ why }) => why !== undefined)
    .map(({ from, to, why }) => `${from} → ${to}: ${why}`);
}

/** From the top down: a layer imports those below it and itself. */
const layers = [
  ["main"],
  ["cli"],
  ["engine", "server"],
  ["resources", "state", "report", "connectors"],
  ["formats"],
  ["core"],
];

const corePackages = ["zod", "yaml", "@marcbachmann/cel-js", "re2js", "node:crypto"];

/** What of the core a connector may know: the model, and the parts that its schemas are made of. */
const connectorCore = ["src/core/model/", "src/core/kinds/common.ts"];

function objection(from: string, to: string): string | undefined {
  if (!to.startsWith("src/")) return packageObjection(from, to);
  if (to === registry && from !== "src/main.ts") return "only main names the registry";
  return layerObjection(from, to) ?? connectorObjection(from, to);
}

const registry = "src/connectors/registry.ts";

function packageObjection(from: string, to: string): string | undefined {
  if (to.startsWith("test/") || to.startsWith("scripts/")) return "src stands without its tests and scripts";
  if (layerOf(from) === "core" && !corePackages.includes(packageName(to)))
    return "core is pure and knows no other package";
  if (layerOf(from) === "connectors" && to.startsWith("@kubernetes/"))
    return "a connector does not know Kubernetes";
  return undefined;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function layerObjection(from: string, to: string): string | undefined {
  const [above, below] = [layerOf(from), layerOf(to)];
  return above === below || rank(above) < rank(below)
    ? undefined
    : `${above} stands beside or below ${below}`;
}

function layerOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}

function rank(layer: string): number {
  return layers.findIndex((names) => names.includes(layer));
}

function connectorObjection(from: string, to: string): string | undefined {
  if (layerOf(from) !== "connectors" || from === registry) return undefined;
  const own = folderOf(from);
  if (layerOf(to) === "core") {
    return connectorCore.some((path) => to.startsWith(path))
      ? undefined
      : "a connector knows the core's model alone";
  }
  if (layerOf(to) === "formats") return undefined;
  const allowed = ["src/connectors/", own, ...(foundations.get(own) ?? [])];
  return allowed.includes(folderOf(to)) ? undefined : "a connector does not know its siblings";
}

/** What connectors are built on: another one, or what several share. */
const foundations: ReadonlyMap<string, readonly string[]> = new Map([
  ["src/connectors/active-directory/", ["src/connectors/ldap/"]],
  ["src/connectors/csv/", ["src/connectors/files/"]],
  ["src/connectors/jsonl/", ["src/connectors/files/"]],
  ["src/connectors/ldif/", ["src/connectors/files/", "src/connectors/ldap/"]],
  ["src/connectors/manual/", ["src/connectors/memory/"]],
]);

/** `src/connectors/ldap/` for whatever lies below it. */
function folderOf(path: string): string {
  return path.split("/").slice(0, -1).slice(0, 3).join("/").concat("/");
}

/** Each ring of files that import one another, as "a → b → a"; a ring is named once. */
export function importCycles(sources: readonly Source[]): string[] {
  const graph = new Map(sources.map((source) => [source.path, importsOf(source)]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}
