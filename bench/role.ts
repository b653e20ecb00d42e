import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../test/support/folder.ts";
import { startOpenLdap } from "../test/support/openldap.ts";
import { people, rolePolicies, writeCompany } from "./company.ts";
import { directoryPolicies, emptyGroups, serverOperations } from "./directory.ts";
import type { Figure } from "./figure.ts";
import { openSession } from "./session.ts";

/** Half of the company has a role; the role's profile gets one entitlement more. */
export async function role(members: number): Promise<Figure[]> {
  await using server = await startOpenLdap({ ldif: emptyGroups(["staff", "visitors"]) });
  await using folder = await makeFolder("bench");
  const manifests = join(folder.path, "manifests");
  const policies = (entitlements: readonly string[]) => [
    ...directoryPolicies(server),
    ...rolePolicies(
      20,
      entitlements.map((name) => `cn=${name},${server.groupsDn}`),
    ),
  ];
  await writeCompany(manifests, policies(["staff"]), people(2 * members));
  const session = await openSession(folder.path, { LDAP_PASSWORD: server.servicePassword });
  await session.load();
  await session.run();
  await session.run();
  const operations = await serverOperations(server);
  const [before, counts] = [await operations(), { ...session.counts }];
  await writeFile(join(manifests, "policies.yaml"), policies(["staff", "visitors"]).join("---\n"));
  await session.load();
  const { seconds, done } = await session.run();
  const after = await operations();
  if (done !== members) throw new Error(`did ${done} items, and should have done ${members}`);
  const read = session.counts.fetched + session.counts.asked - counts.fetched - counts.asked;
  const modifies = after.modifies - before.modifies;
  await session.close();
  const what = `One entitlement added to a role of ${members}`;
  return [
    { what: `${what}: group modifies that the server counted`, value: modifies, unit: "", goal: 10 },
    { what: `${what}: accounts read`, value: read, unit: "", goal: 0 },
    {
      what: `${what}: time`,
      value: seconds,
      unit: "s",
      note: `the server counted ${after.searches - before.searches} searches, the scan's pages among them`,
    },
  ];
}
