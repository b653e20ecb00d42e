import { z } from "zod";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { waitFor } from "../wait.ts";
import type { Cluster } from "./cluster.ts";

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

/** What RBAC is asked: `ResourceAttributes` of a SubjectAccessReview. */
export interface Right {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Resolves when the API server knows that this user may do all of it, or none of it: of roles and bindings it learns a moment late. */
export async function rightsKnown(
  cluster: Cluster,
  user: string,
  rights: readonly Right[],
  allowed = true,
): Promise<void> {
  const [apiVersion, kind] = ["authorization.k8s.io/v1", "SubjectAccessReview"];
  const reviews = rights.map((resourceAttributes) => ({
    apiVersion,
    kind,
    spec: { user, resourceAttributes },
  }));
  const input = reviews.map((one) => JSON.stringify(one)).join("\n---\n");
  const words = ["create", "-f", "-", "-o", "jsonpath={.status.allowed}"];
  const expected = `${allowed}`.repeat(rights.length);
  await waitFor(async () => (await cluster.kubectl(words, { input })).stdout === expected, {
    what: `the API server knows what ${user} may do`,
  });
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
