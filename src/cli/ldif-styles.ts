import type { ConnectorType } from "../connectors/contract.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { LdifStyle } from "../formats/ldif/style.ts";

/** How the changes of a target read in LDIF, as it is in force now; nothing is known of one that is gone. */
export function ldifStyles(
  connectors: readonly ConnectorType[],
  snapshot: Snapshot,
): (target: string) => LdifStyle {
  const known = new Map<string, LdifStyle>();
  const styleOf = (target: string): LdifStyle => {
    const block = snapshot.objects.Target.get(target)?.resource.spec.block;
    const type = connectors.find(({ name }) => name === block?.connector);
    const parsed = type?.targetSchema.safeParse(block?.config);
    return parsed?.success ? (type?.ldif?.(parsed.data) ?? {}) : {};
  };
  return (target) => getOrAdd(known, target, () => styleOf(target));
}
