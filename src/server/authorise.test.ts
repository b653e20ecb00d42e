import { describe, expect, test } from "vitest";
import { type Ask, authorise, clusterReviewer } from "./authorise.ts";
import { Refusal } from "./refusal.ts";

const ask: Ask = { verb: "create", resource: "plans", namespace: "acme" };

/** An API server that knows `mine` for itself and `ours` for Rollcall, and lets those of a group plan. */
function server() {
  const asked: Record<string, unknown>[] = [];
  return {
    asked,
    async request({ path, body }: { path: string; body: unknown }): Promise<unknown> {
      const { spec } = body as { spec: Record<string, unknown> };
      asked.push(spec);
      if (path.endsWith("subjectaccessreviews")) return { status: { allowed: spec.user === "ann" } };
      const known = spec.audiences ? "ours" : "mine";
      // What the API server says of a token that it does not know.
      if (spec.token !== known) return { status: { user: {}, error: "invalid bearer token" } };
      return {
        status: { authenticated: true, user: { username: "ann", groups: ["g"], extra: { k: ["v"] } } },
      };
    },
  };
}

describe("the cluster's reviewer", () => {
  test.each([
    ["mine", "ann"],
    ["ours", "ann"],
    ["nobody's", undefined],
  ])("knows whose the token %s is", async (token, username) => {
    expect((await clusterReviewer(server()).userOf(token))?.username).toBe(username);
  });

  test("tells the API server all that it knows of a user", async () => {
    const api = server();
    await authorise(clusterReviewer(api), "Bearer mine", ask);
    expect(api.asked.at(-1)).toEqual({
      ...{ user: "ann", uid: undefined, groups: ["g"], extra: { k: ["v"] } },
      resourceAttributes: { group: "rollcall.dev", verb: "create", resource: "plans", namespace: "acme" },
    });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["no status", {}],
    ["somebody without a name", { status: { authenticated: true, user: { username: "" } } }],
    ["somebody without a user", { status: { authenticated: true } }],
    ["half an answer", { status: { authenticated: "true", user: { username: "ann" } } }],
  ])("lets nobody in by an answer that is %s", async (_, answer) => {
    const reviewer = clusterReviewer({ request: async () => answer });
    const refused = authorise(reviewer, "Bearer mine", ask);
    await expect(refused).rejects.toBeInstanceOf(Refusal);
    await expect(refused).rejects.toMatchObject({ code: 503 });
  });

  test("lets nobody do anything by an answer that does not say yes", async () => {
    const api = server();
    const request = async (sent: { path: string; body: unknown }) =>
      sent.path.endsWith("subjectaccessreviews") ? { status: { allowed: "yes" } } : api.request(sent);
    await expect(authorise(clusterReviewer({ request }), "Bearer mine", ask)).rejects.toMatchObject({
      code: 503,
    });
  });
});
