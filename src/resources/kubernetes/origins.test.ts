import { describe, expect, test } from "vitest";
import type { KindName } from "../../core/kinds/kinds.ts";
import { ApiError, type ApiRequest, type ClusterApi } from "./api.ts";
import { Origins } from "./origins.ts";

const kind = "Identity";
const { signal } = new AbortController();

describe("an absence", () => {
  test("is proven by a namespace and a definition that are those of the reading", async () => {
    const { origins } = await listed();
    expect(await proof(origins)).toEqual({ status: "Gone" });
  });

  test.each([
    ["namespace acme is being deleted", "namespaces/acme"],
    ["the definition of Identity is being deleted", "customresourcedefinitions/identities.rollcall.dev"],
  ])("is not proven while %s", async (reason, path) => {
    const { origins, uids } = await listed();
    uids.set(path, { uid: "1", deletionTimestamp: "2026-01-01T00:00:00Z" });
    expect(await proof(origins)).toEqual({ status: "Unproven", reason });
  });

  test.each([403, 404])(
    "is not proven where %i is what the API server says of the namespace",
    async (status) => {
      const { origins, uids } = await listed();
      uids.set("namespaces/acme", status);
      expect(await proof(origins)).toEqual({
        status: "Unproven",
        reason: expect.stringMatching(`status ${status}`),
      });
    },
  );

  test.each(["namespaces/acme", "customresourcedefinitions/identities.rollcall.dev"])(
    "proves nothing once %s was made anew, until everything is listed again",
    async (path) => {
      const { origins, uids } = await listed();
      uids.set(path, { uid: "2" });
      const before = known(origins);
      expect(await proof(origins)).toEqual({ status: "Moved", kinds: [kind] });
      const enter = await origins.look(kind, "acme", signal);
      expect(known(origins)).toEqual(before);
      enter();
      expect(await proof(origins)).toEqual({ status: "Gone" });
      expect(known(origins)).not.toEqual(before);
      expect(await origins.prove([kind], "acme", before)).toEqual({ status: "Moved", kinds: [kind] });
    },
  );
});

describe("what was listed", () => {
  test("is of what was there before the list began, not of what is there when it ends", async () => {
    const { origins, uids } = world();
    const enter = await origins.look(kind, "acme", signal);
    uids.set("namespaces/acme", { uid: "2" });
    enter();
    expect(origins.origin(kind, "acme")).toBe("1/1");
    expect((await proof(origins)).status).toBe("Moved");
  });

  test("in all namespaces is of each one's own origin, and one that was made later is welcomed", async () => {
    const { origins, uids } = world();
    (await origins.look(kind, undefined, signal))();
    expect(origins.origin(kind, "acme")).toBe("1/1");
    uids.set("namespaces/later", { uid: "3" });
    expect(origins.origin(kind, "later")).toBeUndefined();
    await origins.welcome("later");
    expect(origins.origin(kind, "later")).toBe("1/3");
  });

  test("is of no known origin where we may not see it, and nothing hinders the list", async () => {
    const { origins, uids } = world();
    uids.set("customresourcedefinitions/identities.rollcall.dev", 403);
    (await origins.look(kind, "acme", signal))();
    expect(origins.origin(kind, "acme")).toBeUndefined();
  });

  test("is not begun while nothing can be seen at all", async () => {
    const { origins, uids } = world();
    uids.set("namespaces/acme", 401);
    await expect(origins.look(kind, "acme", signal)).rejects.toThrow("status 401");
  });
});

function known(origins: Origins): Map<KindName, string> {
  return new Map([[kind, origins.origin(kind, "acme")!]]);
}

function proof(origins: Origins) {
  return origins.prove([kind], "acme", known(origins));
}

async function listed() {
  const all = world();
  (await all.origins.look(kind, "acme", signal))();
  return all;
}

/** An API server that knows these alone, by the end of their path; a number is the status that it answers. */
function world() {
  const uids = new Map<string, { uid: string; deletionTimestamp?: string } | number>([
    ["namespaces/acme", { uid: "1" }],
    ["customresourcedefinitions/identities.rollcall.dev", { uid: "1" }],
  ]);
  const metaOf = (key: string) => {
    const answer = uids.get(key) ?? 404;
    if (typeof answer === "number") throw new ApiError(answer, "", `status ${answer}`);
    const common = { resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
    return { metadata: { name: key.split("/")[1], ...common, ...answer } };
  };
  const api: Pick<ClusterApi, "request"> = {
    async request({ path }: ApiRequest) {
      const key = path
        .split("/")
        .slice(path.endsWith("/namespaces") ? -1 : -2)
        .join("/");
      if (key !== "namespaces") return metaOf(key);
      return { items: [...uids.keys()].filter((one) => one.startsWith(key)).map(metaOf) };
    },
  };
  return { uids, origins: new Origins(api as ClusterApi) };
}
