import type { Dialect } from "./dialect.ts";
import { byPasswordModify } from "./password.ts";
import { policyOverlay } from "./signs.ts";
import { stampVersions } from "./stamp.ts";

/** Any directory of the standards: entries by entryUUID (RFC 4530), whose changes modifyTimestamp tells, as far as seconds can. */
export function general(): Dialect {
  return {
    anchor: {
      attribute: "entryUUID",
      decode: (value) => value.toString("latin1"),
      encode: (anchor) => anchor,
    },
    version: stampVersions(),
    password: byPasswordModify,
    writerAttribute: "modifiersName",
    signs: policyOverlay(),
    addressOf: ({ name }) => name,
  };
}
