/** What the chart carries a copy of: Helm reads nothing from outside of it. */
export function chartFiles(crds: readonly [path: string, text: string][]): [string, string][] {
  return crds.map(([path, text]) => [`charts/rollcall/files/${path}`, text]);
}
