import type { MemoryStore } from "../../src/connectors/memory/store.ts";
import type { ChangeLine } from "../../src/report/change-line.ts";
import { applyPatch } from "../../src/report/patch.ts";

/** Makes a change in a store as a person does who knows nothing but what the task says. */
export function makeChange(store: MemoryStore, change: ChangeLine): void {
  const { action, of, name, entitlement, before, patch } = change;
  const { attributes = {} } = applyPatch(before, patch);
  if (of === "entitlement") {
    if (!store.entitlement(name)) store.addEntitlement(name, [], attributes);
    return;
  }
  const account = store.account(name);
  if (action === "create" && !account) store.addAccount(name, attributes);
  if (!account) return;
  const cleared = Object.fromEntries(Object.keys(before.attributes ?? {}).map((key) => [key, []]));
  switch (action) {
    case "create":
    case "update":
    case "rename":
      store.editAccount(name, {
        attributes: { ...cleared, ...attributes },
        ...(change.rename === undefined ? {} : { name: change.rename }),
      });
      return;
    case "enable":
    case "disable":
      store.editAccount(name, { enabled: action === "enable" });
      return;
    case "delete":
      store.removeAccount(name);
      return;
    case "grant":
      if (store.entitlement(entitlement!)) store.addMember(entitlement!, name);
      return;
    case "revoke":
      store.removeMember(entitlement!, name);
  }
}
