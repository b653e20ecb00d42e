import { type AccessCase, type Manifest, self } from "./case.ts";

const target = (spec: Manifest["spec"] = {}): Manifest => ({
  kind: "Target",
  spec: { ...plainTarget, ...spec },
});
const store = (spec: Manifest["spec"] = {}): Manifest => ({
  kind: "Store",
  spec: { ...plainStore, ...spec },
});
const identity = (...links: object[]): Manifest => ({ kind: "Identity", spec: { userName: "ada", links } });

const accounts = { name: { expression: "identity.userName" } };
const plainTarget = { store: { name: "corp" }, mode: "Observe", accounts };
const plainStore = { csv: { file: "badges.csv" } };

const ownTarget = [`targets/${self}`];
const retarget = (edit: string, spec: Manifest["spec"]): AccessCase => ({
  edit,
  before: target(),
  after: target(spec),
  needs: ownTarget,
});

export const targetCases: readonly AccessCase[] = [
  { edit: "a new target", after: target(), needs: [...ownTarget, "stores/corp"] },
  {
    edit: "a target in another store, by that store's credentials",
    before: target(),
    after: target({ store: { name: "vault" } }),
    needs: [...ownTarget, "stores/vault"],
  },
  retarget("a target with accounts for more people", { accounts: { ...accounts, when: "true" } }),
  retarget("a target with another mapping", {
    accounts: { ...accounts, attributes: { role: { value: "admin" } } },
  }),
  retarget("a target that names accounts otherwise", { accounts: { name: { value: "root" } } }),
  retarget("a target that is enforced", { mode: "Enforce" }),
  retarget("a target that may delete", { allow: ["Delete"] }),
  retarget("a target that enables again what was disabled outside", { outside: { disabled: "Repair" } }),
  retarget("a target that leavers keep", { deprovision: { action: "Retain" } }),
  retarget("a target with wider limits", { limits: { removals: { percent: 100 } } }),
  { edit: "a target resumed", before: target({ suspend: true }), after: target(), needs: ownTarget },
  {
    edit: "a target suspended and enforced at once",
    before: target(),
    after: target({ suspend: true, mode: "Enforce" }),
    needs: ownTarget,
  },
  { edit: "a target suspended", before: target(), after: target({ suspend: true }) },
];

const ownStore = [`stores/${self}`];

export const storeCases: readonly AccessCase[] = [
  { edit: "a new store", after: store(), needs: ownStore },
  {
    edit: "a store at another place, which gets its credentials",
    before: store(),
    after: store({ csv: { file: "other.csv" } }),
    needs: ownStore,
  },
  {
    edit: "a store that protects nothing any longer",
    before: store({ protected: ["root"] }),
    after: store(),
    needs: ownStore,
  },
  {
    edit: "a store without a boundary",
    before: store({ boundary: { names: ["u-.*"] } }),
    after: store(),
    needs: ownStore,
  },
  { edit: "a store suspended", before: store(), after: store({ suspend: true }) },
];

const pinned = (anchor: string) => ({ target: "directory", anchor });
const cut = { target: "directory", cut: "Cut" };

export const identityCases: readonly AccessCase[] = [
  { edit: "somebody new", after: identity() },
  { edit: "somebody with another's account", after: identity(pinned("root")), needs: ["targets/directory"] },
  {
    edit: "a pinned link moved to another account",
    before: identity(pinned("ada")),
    after: identity(pinned("root")),
    needs: ["targets/directory"],
  },
  {
    edit: "a link that is no longer cut",
    before: identity(cut),
    after: identity(),
    needs: ["targets/directory"],
  },
  {
    edit: "a cut link that is pinned",
    before: identity(cut),
    after: identity(pinned("root")),
    needs: ["targets/directory"],
  },
  { edit: "a link cut", before: identity(), after: identity(cut) },
  { edit: "a link no longer pinned", before: identity(pinned("ada")), after: identity() },
  {
    edit: "somebody's department: what a rule makes of it, the plan shows",
    before: identity(pinned("ada")),
    after: { kind: "Identity", spec: { userName: "ada", department: "Research", links: [pinned("ada")] } },
  },
];
