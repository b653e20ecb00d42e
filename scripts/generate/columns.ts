import type { ApiKindName } from "../../src/core/kinds/kinds.ts";

/** A column of `kubectl get`; those of priority 1 are shown by `-o wide` alone. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "boolean" | "date" | "integer";
  readonly jsonPath: string;
  readonly priority?: 1;
}

const column = (name: string, jsonPath: string, type: Column["type"] = "string"): Column => ({
  name,
  type,
  jsonPath,
});
const wide = (shown: Column): Column => ({ ...shown, priority: 1 });
const condition = (type: string, member: string) => `.status.conditions[?(@.type=="${type}")].${member}`;

const ready = column("Ready", condition("Ready", "status"));
const reason = column("Reason", condition("Ready", "reason"));
const message = wide(column("Message", condition("Ready", "message")));
const age = column("Age", ".metadata.creationTimestamp", "date");

/** What `kubectl get` shows of each kind. */
export const columns: Readonly<Record<ApiKindName, readonly Column[]>> = {
  Identity: [
    column("User", ".spec.userName"),
    column("Department", ".spec.department"),
    column("State", ".spec.lifecycle.state"),
    ready,
    column("Accounts", ".status.summary"),
    age,
    wide(column("Start", ".spec.lifecycle.start")),
    wide(column("End", ".spec.lifecycle.end")),
    wide(reason),
    message,
  ],
  BusinessRole: [
    column("Display name", ".spec.displayName"),
    column("Requestable", ".spec.requestable", "boolean"),
    ready,
    age,
    wide(column("Owner", ".spec.owner.name")),
    message,
  ],
  AccessProfile: [
    column("Target", ".spec.target.name"),
    column("Requestable", ".spec.requestable", "boolean"),
    ready,
    age,
    wide(column("Display name", ".spec.displayName")),
    wide(column("Owner", ".spec.owner.name")),
    message,
  ],
  Grant: [
    column("Identity", ".spec.identity.name"),
    column("Gives", ".spec['businessRole','accessProfile','entitlement'].name"),
    column("Until", ".spec.until"),
    ready,
    age,
    wide(column("From", ".spec.from")),
    wide(column("Why", ".spec.reason")),
    message,
  ],
  Store: [
    column("Connector", ".status.connector"),
    ready,
    column("Suspended", ".spec.suspend", "boolean"),
    column("Server", ".status.server"),
    age,
    wide(reason),
    message,
  ],
  Target: [
    column("Store", ".spec.store.name"),
    column("Mode", ".spec.mode"),
    ready,
    column("Accounts", ".status.counts.linked", "integer"),
    column("Drift", ".status.counts.drift", "integer"),
    column("Held", ".status.counts.held", "integer"),
    column("Orphans", ".status.counts.orphans", "integer"),
    column("Last success", ".status.lastSuccess", "date"),
    age,
    wide(column("Conflicts", ".status.counts.conflicts", "integer")),
    wide(column("Drifted", condition("Drifted", "status"))),
    wide(column("Suspended", ".spec.suspend", "boolean")),
    wide(reason),
    message,
  ],
  Export: [
    column("Target", ".spec.target.name"),
    column("Format", ".spec.format"),
    column("File", ".spec.file"),
    ready,
    column("Rows", ".status.rows", "integer"),
    column("Last success", ".status.lastSuccess", "date"),
    age,
    wide(column("Every", ".spec.schedule.every")),
    wide(column("Suspended", ".spec.suspend", "boolean")),
    wide(reason),
    message,
  ],
  Approval: [
    column("Target", ".spec.hold.target"),
    column("Approver", ".spec.approver"),
    ready,
    reason,
    age,
    wide(column("Hold", ".spec.hold.hash")),
    wide(column("Why", ".spec.reason")),
    message,
  ],
  ProvisioningTask: [
    column("Target", ".spec.target.name"),
    column("Account", ".status.account"),
    column("What", ".status.what"),
    column("Owner", ".status.owner"),
    // A day to come has no age: kubectl would show a date as invalid.
    column("Due", ".status.due"),
    column("Phase", ".status.phase"),
    age,
    wide(column("Identity", ".status.identity")),
    wide(column("By", ".spec.by")),
    wide(column("Why", ".spec.reason")),
    message,
  ],
};
