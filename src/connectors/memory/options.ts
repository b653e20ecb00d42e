import type { AttributeSchema, StoreSchema } from "../../core/model/values.ts";
import type { Capabilities } from "../contract.ts";

export interface MemoryOptions {
  /** Who answers; see `StoreConnection.fingerprint`. */
  readonly fingerprint?: string;
  /** Default `distinguishedName`. */
  readonly nameMatching?: StoreSchema["nameMatching"];
  /** Default `caseExact`. */
  readonly attributeNames?: StoreSchema["attributeNames"];
  /** The only attributes an account may have. Absent: any, of any number of values, compared without regard to case. */
  readonly attributes?: Readonly<Record<string, Partial<AttributeSchema>>>;
  readonly entitlementNeedsMember?: boolean;
  /** Milliseconds for which an account that the connector created is not shown. Needs `now`. */
  readonly lag?: number;
  readonly now?: () => number;
  /** Records a page of a scan; default 500. */
  readonly pageSize?: number;
  /** What it cannot do, set to false. */
  readonly capabilities?: Partial<Capabilities>;
  /** False: it cannot tell whether anything changed. */
  readonly marker?: boolean;
}
