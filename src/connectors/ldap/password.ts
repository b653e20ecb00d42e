import { type Attribute, type BerWriter, ExtendedRequest, type Message } from "ldapts";
import type { NewPassword } from "../contract.ts";
import { sequence } from "./controls.ts";

/** How a family of directories sets passwords. */
export interface PasswordForm {
  /** What a new entry holds of it. Absent: it is set by requests that follow. */
  initial?(password: NewPassword): readonly Attribute[];
  /** Requests that set the password of the entry that is addressed so, one after the other. */
  requests(address: string, password: NewPassword): readonly Message[];
}

export const passwordModifyOid = "1.3.6.1.4.1.4203.1.11.1";

/** The password modify operation (RFC 3062): the server checks and hashes by its own policy. */
export const byPasswordModify: PasswordForm = {
  requests: (address, { value }) => [
    new ExtendedRequest({
      messageId: 0,
      oid: passwordModifyOid,
      value: sequence((writer: BerWriter) => {
        writer.writeString(address, 0x80);
        writer.writeString(value, 0x82);
      }),
    }),
  ],
};
