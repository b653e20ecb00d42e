import { afterEach, beforeEach, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../../test/support/folder.ts";
import { ApiError, type ApiRequest } from "../../resources/kubernetes/api.ts";
import { StateIds } from "../../resources/kubernetes/state-ids.ts";
import { openState } from "../../state/open.ts";
import { decideState, openNamespaceState } from "./state-identity.ts";

test.each([
  [undefined, undefined, "Make"],
  [undefined, "a", "Record"],
  ["a", "a", "Use"],
  ["a", undefined, "Lost"],
  ["a", "b", "Foreign"],
] as const)("with %s on record and %s found: %s", (recorded, found, decision) => {
  expect(decideState({ recorded, found })).toBe(decision);
});

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder("state-identity");
});
afterEach(() => folder.remove());

/** Keeps one ConfigMap, as the API server does. */
function configMapServer(): {
  data: Record<string, string> | undefined;
  request(request: ApiRequest): Promise<unknown>;
} {
  return {
    data: undefined,
    async request({ method, path, body }) {
      const given = (body as { data?: Record<string, string> })?.data;
      if (method === "POST") {
        expect(path).toBe("/api/v1/namespaces/rollcall-system/configmaps");
        if (this.data) throw new ApiError(409, "AlreadyExists", "already exists");
        this.data = { ...given };
      } else {
        expect(path).toBe("/api/v1/namespaces/rollcall-system/configmaps/rollcall-state");
        if (!this.data) throw new ApiError(404, "NotFound", "not found");
        if (method === "PATCH") Object.assign(this.data, given);
      }
      return { data: this.data };
    },
  };
}

test("the first run makes the state and records it; later ones use it; each namespace has its own", async () => {
  const api = configMapServer();
  const ids = new StateIds(api, "rollcall-system");
  const open = (namespace: string) =>
    openNamespaceState({ namespace, place: `${folder.path}/${namespace}.db`, ids });
  const epochs: number[] = [];
  for (const namespace of ["acme", "acme", "umbrella"]) {
    const state = await open(namespace);
    expect(api.data?.[namespace]).toBe(state.id);
    epochs.push(state.epoch);
    await state.close();
  }
  expect(epochs).toEqual([1, 2, 1]);
  expect(Object.keys(api.data ?? {})).toEqual(["acme", "umbrella"]);
});

test("a state that is on record and gone, or another one, is refused with the cure and left alone", async () => {
  const api = configMapServer();
  api.data = { acme: "ours" };
  const given = {
    namespace: "acme",
    place: `${folder.path}/acme.db`,
    ids: new StateIds(api, "rollcall-system"),
  };
  await expect(openNamespaceState(given)).rejects.toMatchObject({
    kind: "NoState",
    message: expect.stringMatching(
      /state ours was kept there and is gone; .*restore it, or run "rollcall state rebuild" and remove the key acme from ConfigMap rollcall-state in namespace rollcall-system$/,
    ),
  });
  const other = await openState(given.place, { realm: "acme", mode: "write", initialise: true });
  await expect(openNamespaceState(given)).rejects.toMatchObject({
    kind: "Foreign",
    message: expect.stringContaining(`it is state ${other.id}, and until now ours was used`),
  });
  expect(other.epoch).toBe(1);
  await other.close();
  delete api.data.acme;
  const taken = await openNamespaceState(given);
  expect(api.data).toEqual({ acme: taken.id });
  await taken.close();
});

test("namespaces that are recorded for the first time at once are all recorded", async () => {
  const api = configMapServer();
  const ids = new StateIds(api, "rollcall-system");
  await Promise.all(
    ["acme", "umbrella", "initech"].map((namespace) => ids.record(namespace, `${namespace}-id`)),
  );
  expect(api.data).toEqual({ acme: "acme-id", umbrella: "umbrella-id", initech: "initech-id" });
});

test("a state that could not be recorded is closed, and recorded the next time", async () => {
  const api = configMapServer();
  const given = { namespace: "acme", place: `${folder.path}/acme.db` };
  const failing = {
    request: async (request: ApiRequest) => {
      if (request.method === "PATCH") throw new ApiError(503, "ServiceUnavailable", "away");
      return api.request(request);
    },
  };
  const away = openNamespaceState({ ...given, ids: new StateIds(failing, "rollcall-system") });
  await expect(away).rejects.toMatchObject({ status: 503 });
  const state = await openNamespaceState({ ...given, ids: new StateIds(api, "rollcall-system") });
  expect(api.data).toEqual({ acme: state.id });
  await state.close();
});
