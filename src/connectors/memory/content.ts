import type { LoginTrouble } from "../../core/model/account.ts";
import type { Attributes } from "../../core/model/values.ts";

export interface MemoryAccount {
  readonly anchor: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Keyed by `attributeKey`. */
  readonly attributes: Attributes;
  readonly protected?: string | undefined;
  readonly trouble?: readonly LoginTrouble[] | undefined;
}

export interface MemoryEntitlement {
  readonly anchor: string;
  readonly name: string;
  readonly attributes: Attributes;
  /** Anchors of accounts. */
  readonly members: ReadonlySet<string>;
  readonly protected?: string | undefined;
}

/** As a directory keeps one: it can be tried, and not be read. */
export interface MemoryPassword {
  readonly salt: string;
  readonly hash: string;
  readonly mustChange: boolean;
}

export interface MemoryContent {
  readonly accounts: Iterable<MemoryAccount>;
  /** Those that were deleted, and can be brought back. */
  readonly deleted: Iterable<MemoryAccount>;
  readonly entitlements: Iterable<MemoryEntitlement>;
  /** By anchor. */
  readonly passwords?: Iterable<readonly [string, MemoryPassword]>;
  /** The number of the next anchor. Anchors are never used again. */
  readonly next: number;
}
