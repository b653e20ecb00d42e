import type { LdifAttribute } from "./record.ts";

/** What a directory's target has to say, so that its changes can be told as changes of entries. */
export interface LdifStyle {
  /** The values that an account has when it is enabled, or disabled; none: the attribute is taken away. Absent: it is no matter of values alone. */
  readonly state?: (enabled: boolean) => LdifAttribute;
  /** How a group lists its members; absent: the target has no groups. */
  readonly members?: {
    readonly attribute: string;
    /** How it calls an account of this name. */
    value(name: string): string;
  };
}
