import type { Attributes } from "../../core/model/values.ts";

export interface MemoryAccount {
  readonly anchor: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Keyed by `attributeKey`. */
  readonly attributes: Attributes;
}

export interface MemoryEntitlement {
  readonly anchor: string;
  readonly name: string;
  readonly attributes: Attributes;
  /** Anchors of accounts. */
  readonly members: ReadonlySet<string>;
}

export interface MemoryContent {
  readonly accounts: Iterable<MemoryAccount>;
  readonly entitlements: Iterable<MemoryEntitlement>;
  /** The number of the next anchor. Anchors are never used again. */
  readonly next: number;
}
