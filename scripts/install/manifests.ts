import { parseAllDocuments, parseDocument } from "yaml";
import { renderChart } from "./helm.ts";

const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: rollcall-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
`;

const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - crds.yaml
  - kept.yaml
  - rollcall.yaml
`;

/**
 * The files of manifests/install by name: the chart with its default values, for those who use no Helm. What must outlive an
 * uninstallation stands in a file of its own, so that deleting the other is one. The CRDs are written by npm run generate.
 */
export async function installManifests(helm: string): Promise<Map<string, string>> {
  const text = await renderChart(helm, { crds: { install: false } });
  const rendered = parseAllDocuments(text.replaceAll(/^# Source: .*\n/gm, "")).map((document) => {
    document.deleteIn(["metadata", "labels", "app.kubernetes.io/managed-by"]);
    return document;
  });
  const isKept = (document: (typeof rendered)[number]) =>
    document.getIn(["metadata", "annotations", "helm.sh/resource-policy"]) === "keep";
  const kept = [parseDocument(namespace), ...rendered.filter(isKept)];
  const others = rendered.filter((document) => !isKept(document));
  const file = (title: string, documents: typeof rendered) =>
    [
      `# ${title} Rendered from charts/rollcall by npm run render.\n`,
      ...documents.map((one) => one.toString(style)),
    ].join("---\n");
  return new Map([
    ["kept.yaml", file("What outlives Rollcall.", kept)],
    ["rollcall.yaml", file("Rollcall.", others)],
    ["kustomization.yaml", kustomization],
  ]);
}

const style = { lineWidth: 0, directives: false } as const;
