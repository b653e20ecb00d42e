/** Copies of the CRDs: in the chart, since Helm reads nothing from outside of it, and in manifests/install, as kustomize does. */
export function crdCopies(crds: readonly [path: string, text: string][]): [string, string][] {
  return [
    ...crds.map(([path, text]): [string, string] => [`charts/rollcall/files/${path}`, text]),
    ["manifests/install/crds.yaml", crds.map(([, text]) => text).join("---\n")],
  ];
}
