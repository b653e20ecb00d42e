import { type ApiKindName, plurals } from "../../../src/core/kinds/kinds.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { retrying } from "../../../src/resources/kubernetes/retry.ts";
import type { Cluster } from "../../support/kubernetes/cluster.ts";
import { rightsOf } from "../../support/kubernetes/rights.ts";
import { waitFor } from "../../support/wait.ts";
import type { Manifest } from "./case.ts";

export const namespace = "acme";

/** What became of a request: "" if it was (or, of a dry run, would be) done, else what the API server said. */
export type Outcome = string;

export interface Person extends AsyncDisposable {
  readonly name: string;
  apply(name: string, manifest: Manifest, options?: { dryRun?: boolean }): Promise<Outcome>;
  request(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Outcome>;
}

export const pathOf = (kind: ApiKindName, name = "", place = namespace) =>
  `/apis/rollcall.dev/v1alpha1/namespaces/${place}/${plurals[kind]}${name && `/${name}`}`;

/** Somebody with a kubeconfig of their own. */
export async function person(name: string, kubeconfig: string): Promise<Person> {
  const api = await openCluster({ kubeconfig, environment: {} });
  const outcome = async (request: Parameters<typeof api.request>[0]): Promise<Outcome> => {
    try {
      // As kubectl does: a kind that was made just now may answer 429 to the first who lists it.
      await retrying(() => api.request(request));
      return "";
    } catch (error) {
      return String(error);
    }
  };
  return {
    name,
    apply: (object, { kind, spec, labels }, { dryRun } = {}) =>
      outcome({
        method: "PATCH",
        path: pathOf(kind, object),
        // One field manager for everybody: what one leaves out of a spec, another takes away.
        query: { fieldManager: "test", force: true, dryRun: dryRun ? "All" : undefined },
        contentType: "application/apply-patch+yaml",
        body: { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name: object, labels }, spec },
      }),
    request: (method, path, body) => outcome({ method, path, body }),
    [Symbol.asyncDispose]: () => api.close(),
  };
}

export interface Rule {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly names?: readonly string[];
}

/** Lets a user, or the members of a group, do something in the namespace. */
export async function allow(
  cluster: Cluster,
  subject: { user: string } | { group: string },
  rules: readonly Rule[],
) {
  const name = "user" in subject ? `user-${subject.user}` : `group-${subject.group}`;
  await cluster.apply(
    [
      {
        kind: "Role",
        rules: rules.map(({ resource, verbs, names }) => ({
          apiGroups: ["rollcall.dev"],
          resources: [resource],
          verbs,
          ...(names && { resourceNames: names }),
        })),
      },
      binding(subject, { kind: "Role", name }),
    ]
      .map((object) => document({ ...object, metadata: { name, namespace } }))
      .join(""),
  );
}

/** Binds one of the chart's ClusterRoles in a namespace. */
export async function bind(cluster: Cluster, user: string, role: string, place = namespace) {
  const name = `${user}-${role}`;
  const object = binding({ user }, { kind: "ClusterRole", name: role });
  await cluster.apply(document({ ...object, metadata: { name, namespace: place } }));
}

/** Somebody with this ClusterRole in the namespace. Resolves when the API server knows. */
export async function bound(cluster: Cluster, name: string, role: string): Promise<Person> {
  const kubeconfig = await cluster.user(name, [], namespace);
  await bind(cluster, name, role);
  await waitFor(async () => (await rightsOf(kubeconfig, namespace)).length > 0, {
    what: `${name} is ${role}`,
  });
  return person(name, kubeconfig);
}

function binding(subject: { user: string } | { group: string }, role: { kind: string; name: string }) {
  const who =
    "user" in subject ? { kind: "User", name: subject.user } : { kind: "Group", name: subject.group };
  const apiGroup = "rbac.authorization.k8s.io";
  return { kind: "RoleBinding", roleRef: { apiGroup, ...role }, subjects: [{ apiGroup, ...who }] };
}

function document(object: object): string {
  return `---\n${JSON.stringify({ apiVersion: "rbac.authorization.k8s.io/v1", ...object })}\n`;
}
