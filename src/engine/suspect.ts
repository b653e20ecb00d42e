import type { IdentityAccess } from "../core/access/access.ts";
import type { DesiredAccount } from "../core/desired/desired.ts";

/** An identity that may need something, and what should be of it. */
export interface Suspect {
  readonly identity: string;
  readonly desired: DesiredAccount;
  readonly access: IdentityAccess | undefined;
  readonly pinned: string | undefined;
  /** Only its memberships may differ: its record need not be read. */
  readonly membershipsOnly: boolean;
}
