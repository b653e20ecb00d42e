/** What expressions of an Export see beside the identity: as `identityTypes` says it of the identity. */
export const exportTypes = {
  /** An account as its store has it now. */
  StoreAccount: {
    target: "string",
    name: "string",
    anchor: "string",
    enabled: "dyn<bool>",
    /** Why nobody may change it, in the store's own terms. */
    protected: "dyn<string>",
    trouble: "list<string>",
    attributes: "map<string, list<string>>",
    /** What it holds in the store, as that calls it. */
    entitlements: "list<string>",
  },
  /** An account that Rollcall has linked to an identity. */
  LinkedAccount: { target: "string", name: "string", anchor: "string", enabled: "bool" },
  /** One piece of what somebody ought to have, once for each place that it comes from. */
  Access: { kind: "string", name: "string", target: "dyn<string>" },
} as const satisfies Record<string, Record<string, string>>;
