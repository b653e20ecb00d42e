import { z } from "zod";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";

const review = z.object({
  status: z.object({
    resourceRules: z.array(
      z.object({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        resourceNames: z.array(z.string()).default([]),
      }),
    ),
  }),
});

/**
 * What somebody may do in a namespace (and to what has none), as the API server sees it, a line a resource:
 * `leases.coordination.k8s.io rollcall: get, patch, update`. What everybody may do is left out.
 */
export async function rightsOf(kubeconfig: string, namespace: string): Promise<string[]> {
  const api = await openCluster({ kubeconfig, environment: {} });
  try {
    const answer = await api.request({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
    });
    const verbs = new Map<string, Set<string>>();
    for (const rule of review.parse(answer).status.resourceRules) {
      for (const [resource, given] of resourcesOf(rule)) {
        verbs.set(resource, new Set([...(verbs.get(resource) ?? []), ...given]));
      }
    }
    return [...verbs].map(([resource, given]) => `${resource}: ${[...given].sort().join(", ")}`).sort();
  } finally {
    await api.close();
  }
}

type Rule = z.output<typeof review>["status"]["resourceRules"][number];

function resourcesOf({ apiGroups, resources, resourceNames, verbs }: Rule): [string, string[]][] {
  return apiGroups
    .flatMap((group) => resources.map((resource) => (group === "" ? resource : `${resource}.${group}`)))
    .filter((resource) => !resource.startsWith("selfsubject"))
    .flatMap((resource) =>
      resourceNames.length === 0 ? [resource] : resourceNames.map((name) => `${resource} ${name}`),
    )
    .map((resource) => [resource, verbs]);
}
