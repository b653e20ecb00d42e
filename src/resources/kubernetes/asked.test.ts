import { describe, expect, test } from "vitest";
import { askedBy, cannot, cureOf } from "./asked.ts";

const ours = "/apis/rollcall.dev/v1alpha1";

test.each([
  ["GET", "/api/v1/namespaces/acme/secrets", "cannot list secrets in namespace acme"],
  ["GET", "/api/v1/namespaces", "cannot list namespaces"],
  ["GET", "/api/v1/namespaces/acme", 'cannot get namespaces "acme"'],
  ["GET", `${ours}/identities`, "cannot list identities.rollcall.dev"],
  [
    "GET",
    `${ours}/namespaces/acme/identities/ada`,
    'cannot get identities.rollcall.dev "ada" in namespace acme',
  ],
  [
    "PATCH",
    `${ours}/namespaces/acme/targets/x/status`,
    'cannot patch targets.rollcall.dev/status "x" in namespace acme',
  ],
  [
    "POST",
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    "cannot create subjectaccessreviews.authorization.k8s.io",
  ],
  [
    "DELETE",
    `${ours}/namespaces/acme/grants`,
    "cannot deletecollection grants.rollcall.dev in namespace acme",
  ],
  ["GET", "/version", "cannot get /version"],
])("%s %s is said as: %s", (method, path, words) => expect(cannot(askedBy(method, path, false))).toBe(words));

test("a watch is told from a list", () => expect(askedBy("GET", `${ours}/grants`, true).verb).toBe("watch"));

describe("the cure", () => {
  test("of 403 is a rule of RBAC, where it belongs", () => {
    expect(cureOf(403, askedBy("GET", `${ours}/namespaces/acme/grants`, false))).toBe(
      ": allow the verb list on grants.rollcall.dev by a Role in namespace acme",
    );
    expect(cureOf(403, askedBy("GET", `${ours}/grants`, true))).toBe(
      ": allow the verb watch on grants.rollcall.dev by a ClusterRole",
    );
  });

  test("of 404 is the definition, where it is not an object that is missing", () => {
    expect(cureOf(404, askedBy("GET", `${ours}/grants`, false))).toContain("CustomResourceDefinition");
    expect(cureOf(404, askedBy("GET", `${ours}/namespaces/acme/grants/x`, false))).toBe("");
  });
});
