import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { type ApiKindName, apiVersion } from "../../src/core/kinds/kinds.ts";

/** What a kind's page says besides what follows from its schema. */
export interface KindGuide {
  /** A whole object, as YAML. */
  readonly example: string;
  /** What somebody with kubectl wants to know, paragraph by paragraph. */
  readonly inCluster: readonly string[];
  /** Titles by the place that they lead to, from docs/reference. */
  readonly related: Readonly<Record<string, string>>;
}

const samples = new URL("../../manifests/quickstart/", import.meta.url);

/** The object of this kind in a file of manifests/quickstart, with its comments. */
function sample(file: string, kind: ApiKindName): string {
  const documents = readFileSync(new URL(file, samples), "utf8").split(/^---\n/m);
  const found = documents.find((text) => parseDocument(text).get("kind") === kind);
  if (found === undefined) throw new Error(`cannot find a ${kind} in manifests/quickstart/${file}`);
  return found.replace(/^(?:#.*\n)+/, "");
}

const grant = `apiVersion: ${apiVersion}
kind: Grant
metadata: { name: charles-lab }
spec:
  identity: { name: charles }
  accessProfile: { name: lab-directory }
  until: "2031-12-31" # the last day
  reason: Helps with the engine until the end of the year.
`;

const approval = `apiVersion: ${apiVersion}
kind: Approval
metadata: { name: mary-leaves }
spec:
  hold:
    target: corp-directory
    hash: 0f65609b6a27bec0713155f4d2c43965aba808e4522498daf1e087bfea1d4cd2
  approver: ann@example.org # your own name: kubectl auth whoami
  reason: She told the people team on Monday.
`;

const task = `apiVersion: ${apiVersion}
kind: ProvisioningTask
metadata: { name: badges-ada-7c1f }
spec:
  target: { name: badges }
  outcome: Completed
  by: ann@example.org # your own name: kubectl auth whoami
`;

const exported = `apiVersion: ${apiVersion}
kind: Export
metadata: { name: badge-holders }
spec:
  target: { name: badges }
  format: Csv
  csv: { delimiter: ";", spreadsheet: true }
  file: exports/badge-holders.csv # below the root
  when: has(identity.userName) # those who are somebody's
  columns:
    - { name: Badge, expression: account.anchor }
    - { name: Name, expression: "default(identity.displayName, identity.userName)" }
    - { name: Active, expression: account.enabled }
    - { name: Roles, expression: "access.filter(a, a.kind == 'BusinessRole').map(a, a.name)" }
  schedule: { every: 24h }
  checksum: File
`;

const givesAccess =
  "Whoever writes one needs the verb `grant` on what it newly gives: [access control](../access-control.md).";
const takesAway =
  "What an edit or a deletion takes away goes once it has lasted for the Target's `limits.settle`, and within its `limits.removals`; what goes past them is held, whole.";

/** By kind. */
export const kindGuides: Readonly<Record<ApiKindName, KindGuide>> = {
  Identity: {
    example: sample("people/ada.yaml", "Identity"),
    inCluster: [
      "`Ready` is True when the accounts that are due are there, as declared, and False while one of them is not: `status.accounts` says which, and why. `kubectl wait --for=condition=Ready identity/ada` waits for what was applied last. Where other objects were applied with it, wait for those, too: `rollcall --all` is everything in the namespace, Approvals and tasks included.",
      "To leave is `lifecycle: { state: Inactive }`, a day in `lifecycle.end`, or the object deleted (which counts once it has lasted for the Target's `limits.settle`). Accounts are disabled, not deleted; coming back gives the same ones. `lifecycle: { emergency: Disable }` disables all of them at once, past limits and holds. There is no finalizer.",
      "What somebody has is never written here: it follows from BusinessRoles, Grants and the rules of Targets. `kubectl rollcall explain ada` tells what, and why.",
    ],
    related: {
      "../explain.md": "explaining one identity",
      "../targets.md#leaving-deprovision": "leaving",
      "grant.md": "Grant",
      "businessrole.md": "BusinessRole",
    },
  },
  BusinessRole: {
    example: sample("access.yaml", "BusinessRole"),
    inCluster: [
      "`Ready` is True when it is valid, every AccessProfile that it names is there, and the Targets were [run with it](conditions.md). What came of that is in the status of the Identities.",
      `${givesAccess} A changed rule of membership gives every profile anew. ${takesAway}`,
    ],
    related: {
      "expressions.md": "expressions",
      "accessprofile.md": "AccessProfile",
      "grant.md": "Grant",
      "../concepts.md": "concepts",
    },
  },
  AccessProfile: {
    example: sample("access.yaml", "AccessProfile"),
    inCluster: [
      "`Ready` is True when it is valid, its Target is there, and the Targets were [run with it](conditions.md). Who holds it has an account in that Target, too.",
      `${givesAccess} ${takesAway}`,
    ],
    related: { "businessrole.md": "BusinessRole", "grant.md": "Grant", "target.md": "Target" },
  },
  Grant: {
    example: grant,
    inCluster: [
      "`Ready` is True when it is valid and what it names is there, also before its first day and after its last: access comes and goes on those days by itself, and the object stays until somebody deletes it.",
      `${givesAccess} ${takesAway}`,
    ],
    related: {
      "identity.md": "Identity",
      "businessrole.md": "BusinessRole",
      "accessprofile.md": "AccessProfile",
      "../access-control.md": "who may give access",
    },
  },
  Store: {
    example: sample("store.yaml", "Store"),
    inCluster: [
      "`Ready` is True while it answers, and False with `StoreUnavailable` (tried again), `StoreUnauthenticated` or `StoreForeign` (somebody must act). Nothing is changed, and nobody removed, while a store cannot be read.",
      "A Secret is read only if its label or annotation `rollcall.dev/store` has the name of the Store that names it, and if the [chart](../install.md) lists it in `secrets.names`. A new password is taken up when the Secret changes, without a restart.",
      "`suspend: true` leaves the store alone. The annotation `rollcall.dev/requestedAt` with a new value asks for a look at all its Targets now. Deleting a Store deprovisions nobody.",
    ],
    related: {
      "target.md": "Target",
      "../connectors/ldap.md": "LDAP",
      "../connectors/active-directory.md": "Active Directory",
      "../connectors/sql.md": "SQL",
      "../connectors/csv.md": "CSV",
      "../connectors/manual.md": "manual",
      "../connectors/memory.md": "memory",
      "../security.md": "security",
    },
  },
  Target: {
    example: sample("target.yaml", "Target"),
    inCluster: [
      "`Ready` is True when the last run came through and nothing of the Target's own waits; `Stalled` is there when somebody must act, and its message says what to do; `Drifted` says whether the store differs from what is declared and was not put right.",
      "The annotation `rollcall.dev/requestedAt` with a new value asks for a look now, and `status.lastHandledRequestedAt` has the value once that is done:",
      [
        "```sh",
        'kubectl annotate target corp-directory --overwrite rollcall.dev/requestedAt="$(date -Is)"',
        "kubectl describe target corp-directory",
        "```",
      ].join("\n"),
      "What its limits hold is in `status.holds`, and an [Approval](approval.md) lets it pass. `suspend: true` leaves it alone. Deleting a Target deprovisions nobody.",
    ],
    related: {
      "../targets.md": "settings of targets, with what they are for",
      "expressions.md": "expressions",
      "store.md": "Store",
      "approval.md": "Approval",
      "../runbooks/RollcallHeldItemsWaiting.md": "when something is held",
    },
  },
  Export: {
    example: exported,
    inCluster: [
      "The file is written below the controller's root (`--root`; in the chart `ROLLCALL_ROOT` among `extraEnv`, with a volume), where other systems fetch it from a volume. `Ready` is True when it was written as of the last time that was due; what could not be written leaves the old file as it was, and says why.",
      "The annotation `rollcall.dev/requestedAt` with a new value asks for it now, and `status.lastHandledRequestedAt` has the value once that is done. `suspend: true` leaves the file alone. Deleting an Export deletes no file.",
      "Who may write an Export may read every account and identity of its namespace by it, and write below the root: treat it as you treat Stores and Targets.",
    ],
    related: {
      "../export.md": "exports",
      "expressions.md": "expressions",
      "target.md": "Target",
      "../security.md": "security",
    },
  },
  Approval: {
    example: approval,
    inCluster: [
      "The plugin makes one in your own name, of a hold by the first characters of its hash. `kubectl rollcall plan` shows first, change by change, what it holds:",
      [
        "```sh",
        "kubectl rollcall plan --target corp-directory",
        "kubectl rollcall approve --list",
        "kubectl rollcall approve 0f65609b6a27",
        "kubectl get approvals",
        "```",
      ].join("\n"),
      "Without it, `kubectl create -f` what is above: `hash` from the Target's `status.holds`, `approver` as `kubectl auth whoami` has it. The API server refuses any other name, and whoever has not the verb `approve` on the Target ([access control](../access-control.md#holds)).",
      "It lets pass the changes of that hold, once, as far as each still stands; none besides. `Ready` is True with `Approved`, or False with `HoldGone`: what was held is no longer so, and there is nothing to approve. An Approval is never changed. Once used it is a record, and no longer needed; the journal has the approver's name at each change. Do not keep one in Git: it is the word of a person.",
    ],
    related: {
      "target.md": "Target",
      "../targets.md#how-much-at-once-limits": "limits",
      "../access-control.md": "who may approve",
      "../runbooks/RollcallHeldItemsWaiting.md": "when something is held",
    },
  },
  ProvisioningTask: {
    example: task,
    inCluster: [
      "The controller makes one for each account of a Target with `spec.tasks` that a person has to change, and removes it some time after it is closed. `status` says what is to be done, by whom and by when:",
      [
        "```sh",
        "kubectl get ptask",
        "kubectl describe ptask badges-ada-7c1f",
        "kubectl rollcall task complete badges-ada-7c1f",
        "kubectl rollcall task reject badges-ada-7c1f --reason 'She has no desk there'",
        "```",
      ].join("\n"),
      "Without the plugin, `kubectl patch` what is above, with `by` as `kubectl auth whoami` has it. The API server refuses another's name, and whoever has not the verb `complete` on the Target ([access control](../access-control.md#tasks)).",
      "`Ready` is True once the store shows all of it, or none of it is due any longer. A task that was completed and is not seen in a newer reading of the store is open again, its `outcome` taken out. Deleting one does nothing: it is made again while it is due.",
    ],
    related: { "target.md": "Target", "../tasks.md": "tasks", "../access-control.md": "who may complete" },
  },
};
