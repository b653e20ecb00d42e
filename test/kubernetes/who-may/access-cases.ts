import { type AccessCase, type Manifest, names } from "./case.ts";

const role = (spec: Manifest["spec"]): Manifest => ({ kind: "BusinessRole", spec });
const profile = (spec: Manifest["spec"]): Manifest => ({ kind: "AccessProfile", spec });
const grant = (spec: Manifest["spec"]): Manifest => ({ kind: "Grant", spec });

const research = { when: "identity.department == 'Research'" };
const all = { when: "true" };
const oneRole = role({ members: research, accessProfiles: names("mail") });

export const roleCases: readonly AccessCase[] = [
  { edit: "a role that gives nothing", after: role({ members: all }) },
  { edit: "a new role", after: oneRole, needs: ["accessprofiles/mail"] },
  {
    edit: "a new role without members: a Grant may name it already",
    after: role({ accessProfiles: names("mail") }),
    needs: ["accessprofiles/mail"],
  },
  {
    edit: "a role with a profile more",
    before: oneRole,
    after: role({ members: research, accessProfiles: names("mail", "vault") }),
    needs: ["accessprofiles/vault"],
  },
  {
    edit: "a role with one profile swapped for another",
    before: oneRole,
    after: role({ members: research, accessProfiles: names("vault") }),
    needs: ["accessprofiles/vault"],
  },
  {
    edit: "a role with other members: each profile is given to somebody new",
    before: role({ members: research, accessProfiles: names("mail", "vault") }),
    after: role({ members: all, accessProfiles: names("mail", "vault") }),
    needs: ["accessprofiles/mail", "accessprofiles/vault"],
  },
  {
    edit: "a role with members by rule for the first time",
    before: role({ accessProfiles: names("mail") }),
    after: oneRole,
    needs: ["accessprofiles/mail"],
  },
  {
    edit: "a role with other members and a profile less",
    before: role({ members: research, accessProfiles: names("mail", "vault") }),
    after: role({ members: all, accessProfiles: names("vault") }),
    needs: ["accessprofiles/vault"],
  },
  {
    edit: "a role with no members by rule any longer",
    before: oneRole,
    after: role({ accessProfiles: names("mail") }),
  },
  { edit: "a role with no profiles any longer", before: oneRole, after: role({ members: research }) },
  {
    edit: "a role's profiles in another order",
    before: role({ accessProfiles: names("mail", "vault") }),
    after: role({ accessProfiles: names("vault", "mail") }),
  },
  {
    edit: "a role's name for people",
    before: oneRole,
    after: role({ ...oneRole.spec, displayName: "Researchers" }),
  },
];

const wiki = { target: { name: "directory" }, entitlements: names("wiki") };

export const profileCases: readonly AccessCase[] = [
  { edit: "a new profile", after: profile(wiki), needs: ["targets/directory"] },
  {
    edit: "a new profile that gives an account alone",
    after: profile({ target: { name: "directory" } }),
    needs: ["targets/directory"],
  },
  {
    edit: "a profile with an entitlement more",
    before: profile(wiki),
    after: profile({ ...wiki, entitlements: names("wiki", "admins") }),
    needs: ["targets/directory"],
  },
  {
    edit: "a profile whose entitlement is found otherwise",
    before: profile(wiki),
    after: profile({ ...wiki, entitlements: [{ name: "wiki", by: "Id" }] }),
    needs: ["targets/directory"],
  },
  {
    edit: "a profile that declares attributes of its group: these may nest it in another",
    before: profile(wiki),
    after: profile({
      ...wiki,
      entitlements: [{ name: "wiki", ensure: true, attributes: { memberOf: ["admins"] } }],
    }),
    needs: ["targets/directory"],
  },
  {
    edit: "a profile of another target",
    before: profile(wiki),
    after: profile({ ...wiki, target: { name: "payroll" } }),
    needs: ["targets/payroll"],
  },
  {
    edit: "a profile with an entitlement less",
    before: profile(wiki),
    after: profile({ ...wiki, entitlements: [] }),
  },
  {
    edit: "a profile's description",
    before: profile(wiki),
    after: profile({ ...wiki, description: "Reading." }),
  },
];

const toAda = { identity: { name: "ada" } };
const mailForAda = { ...toAda, accessProfile: { name: "mail" }, until: "2030-01-31" };
const regrant = (edit: string, spec: Manifest["spec"], needs: string): AccessCase => ({
  edit,
  before: grant(mailForAda),
  after: grant(spec),
  needs: [needs],
});

export const grantCases: readonly AccessCase[] = [
  { edit: "a Grant of a profile", after: grant(mailForAda), needs: ["accessprofiles/mail"] },
  {
    edit: "a Grant of a role",
    after: grant({ ...toAda, businessRole: { name: "board" } }),
    needs: ["businessroles/board"],
  },
  {
    edit: "a Grant of an entitlement",
    after: grant({ ...toAda, entitlement: { name: "admins", target: { name: "directory" } } }),
    needs: ["targets/directory"],
  },
  regrant("a Grant to somebody else", { ...mailForAda, identity: { name: "eve" } }, "accessprofiles/mail"),
  regrant(
    "a Grant of something else",
    { ...mailForAda, accessProfile: { name: "vault" } },
    "accessprofiles/vault",
  ),
  regrant("a Grant until later", { ...mailForAda, until: "2031-01-31" }, "accessprofiles/mail"),
  regrant("a Grant for good", { ...toAda, accessProfile: { name: "mail" } }, "accessprofiles/mail"),
  regrant("a Grant from earlier", { ...mailForAda, from: "2020-01-01" }, "accessprofiles/mail"),
  regrant("a Grant of another kind", { ...toAda, businessRole: { name: "mail" } }, "businessroles/mail"),
  regrant(
    "a Grant's reason, which auditors read",
    { ...mailForAda, reason: "Asked." },
    "accessprofiles/mail",
  ),
  { edit: "a Grant applied again", before: grant(mailForAda), after: grant(mailForAda) },
];
