import { Attribute, Change, Control, ModifyRequest } from "ldapts";
import { equals } from "../ldap/filter.ts";
import type { Restoring } from "../ldap/restoring.ts";

/** LDAP_SERVER_SHOW_DELETED (MS-ADTS §3.1.1.3.4.1.14). */
const showDeleted = new Control("1.2.840.113556.1.4.417", { critical: true });

/**
 * Undeletes an object (MS-ADTS §3.1.1.5.3.7): with all that it held where the recycle bin is on, and with little more than its
 * objectGUID, its SID and its sAMAccountName where it is not. The right "Reanimate Tombstones" is needed, and that to see what was deleted.
 * Nothing else is changed with it: Samba refuses that. Nor can Samba (4.17) undelete where the recycle bin is on.
 */
export const restoring: Restoring = {
  controls: [showDeleted],
  filter: equals("isDeleted", "TRUE"),
  cure: 'give the service account the right "Reanimate Tombstones", or let the target ignore what was deleted (deleted: Ignore)',
  request: (deleted, name) =>
    new ModifyRequest({
      messageId: 0,
      // Samba does not find a deleted object by its objectGUID here.
      dn: deleted.dn,
      controls: [showDeleted],
      changes: [
        new Change({ operation: "delete", modification: new Attribute({ type: "isDeleted", values: [] }) }),
        new Change({
          operation: "replace",
          modification: new Attribute({ type: "distinguishedName", values: [name] }),
        }),
      ],
    }),
};
