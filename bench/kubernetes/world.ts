import { type Cluster, startCluster } from "../../test/support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../../test/support/kubernetes/organisation.ts";
import { type OpenLdap, startOpenLdap } from "../../test/support/openldap.ts";
import type { Manifest } from "../../test/support/world.ts";
import type { Person } from "../company.ts";
import { directoryPolicies } from "../directory.ts";

/** A cluster with the chart installed, an OpenLDAP, and one namespace whose manifests say to keep that as they do. */
export interface KubernetesWorld extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly directory: OpenLdap;
  readonly organisation: Organisation;
}

export const namespace = "company";

export async function startWorld(): Promise<KubernetesWorld> {
  await using started = new AsyncDisposableStack();
  const directory = started.use(await startOpenLdap());
  const cluster = started.use(await startCluster());
  await installRelease(cluster, [namespace]);
  const organisation = started.use(await Organisation.make(cluster, namespace));
  const password = "{ secretKeyRef: { name: openldap, key: password } }";
  const policies = [secret(directory), ...directoryPolicies(directory, "Never", password)];
  await apply(cluster, policies.join("---\n"));
  const all = started.move();
  return { cluster, directory, organisation, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function apply(cluster: Cluster, input: string): Promise<void> {
  const { code, stderr } = await cluster.kubectl(["apply", "--server-side", "-n", namespace, "-f", "-"], {
    input,
  });
  if (code !== 0) throw new Error(`kubectl apply ended with ${code}: ${stderr}`);
}

function secret({ servicePassword }: OpenLdap): string {
  return `apiVersion: v1
kind: Secret
metadata:
  name: openldap
  labels:
    rollcall.dev/store: openldap
stringData:
  password: ${servicePassword}
`;
}

/** As `identityYaml` says it. */
export function identity(one: Person): Manifest {
  return {
    kind: "Identity",
    name: one.id,
    spec: {
      userName: one.id,
      name: { givenName: one.givenName, familyName: one.familyName },
      emails: [{ value: one.mail, primary: true }],
      employeeNumber: one.number,
      department: one.department,
      title: one.title,
      userType: "Employee",
    },
  };
}
