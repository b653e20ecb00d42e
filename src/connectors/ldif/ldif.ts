import { ldifFormat } from "../../formats/ldif/format.ts";
import type { ConnectorType } from "../contract.ts";
import { connectFiles } from "../files/connection.ts";
import { fileErrorRows } from "../files/errors.ts";
import { boundsOf, placeOf } from "../files/place.ts";
import { memberStyle, stateStyle } from "../ldap/style.ts";
import { type LdifStoreBlock, type LdifTargetBlock, ldifStoreBlock, ldifTargetBlock } from "./blocks.ts";
import { ldifTarget } from "./connector.ts";
import { Shape } from "./shape.ts";

/** Directory entries in a file (RFC 2849). */
export const ldifConnector: ConnectorType<LdifStoreBlock, LdifTargetBlock> = {
  name: "ldif",
  summary: "Directory entries in an LDIF file (RFC 2849), a record an account.",
  storeSchema: ldifStoreBlock,
  targetSchema: ldifTargetBlock,
  errors: fileErrorRows,
  ldif(block) {
    const { groups, state } = new Shape(block);
    return {
      ...(state && { state: stateStyle(state) }),
      ...(groups && { members: memberStyle(groups) }),
    };
  },
  connect: (block, environment) =>
    connectFiles({
      name: "ldif",
      place: placeOf(block, environment),
      format: ldifFormat(block.binary),
      // A search that failed leaves comments and no entry, which must not be taken for a directory without anybody.
      bounds: boundsOf(block, 1),
      target: ldifTarget,
    }),
};
