import { expect, test } from "vitest";
import { company, dn, person } from "../../../test/support/company.ts";
import { type Manifest, World } from "../../../test/support/world.ts";
import { StoreError } from "../../connectors/errors.ts";
import { connectors } from "../../connectors/registry.ts";
import { kindNames } from "../../core/kinds/kinds.ts";
import { placeText } from "../../core/model/password.ts";
import type { PlanDocument } from "../../report/document.ts";
import { planRequest } from "../../server/api-protocol.ts";
import type { State } from "../../state/state.ts";
import { readHandlers } from "./read-handlers.ts";

const never = new AbortController().signal;

/** A company of two whose accounts are made, and the answers that its read API gives. */
async function looked(...more: readonly Manifest[]) {
  const world = new World().put(...company(), person("alice"), person("bob"), ...more);
  await world.applyShown();
  const state = await world.state();
  const known = kindNames.flatMap((kind) => [...world.known[kind].values()]);
  await state.saveManifests({ put: known, remove: [] });
  const dialled: string[] = [];
  const stores = world.stores();
  const handlers = readHandlers({
    tenant: (namespace) =>
      namespace === "default"
        ? {
            read: async () => world.reading(),
            openState: async () => readOnly(state),
            stores: () => ({
              ...stores,
              connect(store) {
                dialled.push(store.name);
                return stores.connect(store);
              },
            }),
            connectors,
          }
        : undefined,
    now: () => world.now,
    newId: () => "id",
  });
  const plan = async (request: {
    put?: readonly Manifest[];
    remove?: readonly { kind: string; name: string }[];
    targets?: readonly string[];
  }) => {
    const sent = { ...request, put: (request.put ?? []).map(sentAs) };
    return (await handlers.plan("default", planRequest.parse(sent), never)) as PlanDocument;
  };
  return { world, state, handlers, dialled, plan };
}

function sentAs({ kind, name, spec }: Manifest) {
  const manifest = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec };
  return { manifest, location: { file: `${kind}-${name}.yaml`, line: 1 } };
}

/** What would write fails the test. */
function readOnly(state: State): State {
  const writes = [
    "begin",
    "finish",
    "putHolds",
    "approve",
    "savePlan",
    "saveManifests",
    "setNotes",
    "bindStore",
  ];
  return new Proxy(state, {
    get(target, name) {
      if (writes.includes(String(name))) return () => Promise.reject(new Error(`it writes: ${String(name)}`));
      if (name === "close") return async () => {};
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("what an overlay would change is planned, and nothing is changed", async () => {
  const { world, plan, dialled } = await looked();
  const before = JSON.stringify([...world.store.accounts]);
  const { targets, problems, notRun } = await plan({
    put: [person("alice", { department: "Sales" }), person("carol")],
    remove: [{ kind: "Identity", name: "bob" }],
  });
  expect([problems, notRun]).toEqual([[], []]);
  const changes = targets.flatMap((target) => target.changes.map(({ action, name }) => `${action} ${name}`));
  expect(changes).toEqual(
    expect.arrayContaining([`create ${dn("carol")}`, `update ${dn("alice")}`, `revoke ${dn("alice")}`]),
  );
  const all = targets.flatMap(({ changes: applied, held }) => [...applied, ...held]);
  expect(all.map(({ action, name }) => `${action} ${name}`)).toContain(`disable ${dn("bob")}`);
  expect(JSON.stringify([...world.store.accounts])).toBe(before);
  expect(dialled).toEqual(["directory"]);
});

test("an overlay that says what the cluster says changes nothing, the Store among it", async () => {
  const { plan, dialled } = await looked();
  const { targets, notRun } = await plan({ put: [...company(), person("alice")] });
  expect(notRun).toEqual([]);
  expect(targets.map(({ changes }) => changes)).toEqual([[]]);
  expect(dialled).toEqual(["directory"]);
});

const otherStore: Manifest = { kind: "Store", name: "other", spec: { memory: {} } };
const [store, target] = company() as [Manifest, Manifest];

test.each<[string, Manifest[], string]>([
  [
    "changed",
    [{ ...store, spec: { memory: { file: "elsewhere.json" } } }],
    "its Store/directory is new or changed",
  ],
  [
    "new, where a Target is moved to it",
    [otherStore, { ...target, spec: { ...target.spec, store: { name: "other" } } }],
    "its Store/other is new or changed",
  ],
])("a Store that is %s is not dialled, and its targets are not planned", async (_, put, reason) => {
  const { plan, dialled } = await looked();
  const { targets, notRun } = await plan({ put: [...put, person("carol")] });
  expect(dialled).toEqual([]);
  expect(targets).toEqual([]);
  expect(notRun).toMatchObject([
    { target: "people", reason: expect.stringContaining(reason), unplanned: true },
  ]);
});

test("a Target whose connector block is changed is not asked for: it may hold queries", async () => {
  const { plan, dialled } = await looked();
  const block = { memory: { base: "ou=people,dc=example,dc=org" } };
  const { notRun } = await plan({ put: [{ ...target, spec: { ...target.spec, ...block } }] });
  expect(dialled).toEqual([]);
  expect(notRun[0]?.reason).toContain("block memory is new or changed");
});

test("passwords are not read from where only a pull request says, and not told from where the cluster does", async () => {
  const from = (key: string) => ({
    passwords: { from: { secret: { name: { expression: `identity.userName + '-${key}'` } } } },
  });
  const { world, plan } = await looked();
  const read: string[] = [];
  world.desk.read = async (place) => {
    read.push(placeText(place));
    return "First-of-All-1";
  };
  const target = world.manifests.get("Target/people") as Manifest;
  const strange = await plan({ put: [{ ...target, spec: { ...target.spec, ...from("strange") } }] });
  expect(read).toEqual([]);
  expect(JSON.stringify(strange.targets)).toContain("it is not read before that is merged");
  world.edit("Target/people", from("login"));
  const { targets } = await plan({ put: [person("carol")] });
  expect(new Set(read)).toEqual(new Set(["alice", "bob", "carol"].map((who) => `Secret ${who}-login`)));
  expect(JSON.stringify(targets)).toContain("(from Secret carol-login)");
  expect(JSON.stringify(targets)).not.toContain("of-All");
});

test("other targets are planned while one is not", async () => {
  const second = { ...target, name: "second", spec: { ...target.spec, store: { name: "other" } } };
  const { plan, dialled } = await looked();
  const { targets, notRun } = await plan({ put: [otherStore, second, person("carol")] });
  expect(targets.map((each) => [each.target, each.counts.create])).toEqual([["people", 1]]);
  expect(notRun.map((each) => each.target)).toEqual(["second"]);
  expect(dialled).toEqual(["directory"]);
});

test("an invalid manifest is reported where its author finds it, and what it said last stays in force", async () => {
  const { plan } = await looked();
  const { targets, problems } = await plan({ put: [person("alice", { department: 7 })] });
  expect(problems).toMatchObject([
    { kind: "Identity", name: "alice", field: "spec.department", location: { file: "Identity-alice.yaml" } },
  ]);
  expect(targets.map(({ changes }) => changes)).toEqual([[]]);
});

test("what is wrong in the cluster already is not the overlay's problem", async () => {
  const grant = { kind: "Grant", name: "odd", spec: { identity: { name: "nobody" }, reason: "x" } };
  const { plan } = await looked({ ...grant, spec: { ...grant.spec, accessProfile: { name: "lab" } } });
  expect((await plan({ put: [person("carol")] })).problems).toEqual([]);
});

test("only named targets are planned, and one that is not declared is refused", async () => {
  const { plan } = await looked();
  expect((await plan({ targets: ["people"] })).targets).toHaveLength(1);
  await expect(plan({ targets: ["peeple"] })).rejects.toThrow('did you mean "people"');
});

test("status, explanation and journal are told from the state, by an object's name or an id", async () => {
  const { handlers, dialled } = await looked();
  const status = await handlers.status("default", {}, never);
  expect(status).toMatchObject({ targets: [{ target: "people", linked: 2 }] });
  expect(dialled).toEqual([]);
  const journal = await handlers.journal("default", { last: 1, identity: "alice" }, never);
  expect(journal).toMatchObject({ more: true, entries: [{ identity: "alice", operation: "Grant" }] });
  const explained = await handlers.explain(
    "default",
    { identity: "alice", edits: ["department=Sales"] },
    never,
  );
  expect(explained).toMatchObject({
    identity: { name: "alice" },
    supposing: { access: [{ change: "Lost", entitlement: "lab" }] },
  });
});

test("who is not there, and a namespace that is another's, are refused", async () => {
  const { handlers } = await looked();
  const nobody = handlers.explain("default", { identity: "nobody", edits: [] }, never);
  await expect(nobody).rejects.toMatchObject({ code: 400, message: expect.stringContaining("no Identity") });
  await expect(handlers.status("other", {}, never)).rejects.toMatchObject({ code: 404 });
});

test("who goes away is not worked for any longer: a store that is being read is let go", async () => {
  const { world, state } = await looked();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const stores = world.stores();
  const handlers = readHandlers({
    tenant: () => ({
      read: async () => world.reading(),
      openState: async () => readOnly(state),
      connectors,
      stores: () => ({
        ...stores,
        connect: (store) =>
          Object.assign(Object.create(stores.connect(store)), { close: async () => close() }),
        target: (...parts) => Object.assign(Object.create(stores.target(...parts)), { scan: hanging }),
      }),
    }),
    now: () => world.now,
    newId: () => "id",
  });
  async function* hanging() {
    begin();
    await closed;
    yield await Promise.reject(new StoreError("Unavailable", "the connection is closed"));
  }
  const left = new AbortController();
  const plan = handlers.plan("default", planRequest.parse({ full: true }), left.signal);
  await begun;
  left.abort();
  expect(((await plan) as PlanDocument).targets[0]?.error?.message).toContain("is closed");
});
