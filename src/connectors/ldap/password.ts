import { Attribute, type BerWriter, Change, ExtendedRequest, type Message, ModifyRequest } from "ldapts";
import type { NewPassword } from "../contract.ts";
import { sequence } from "./controls.ts";
import type { Subschema } from "./subschema.ts";

/** How a family of directories sets passwords. */
export interface PasswordForm {
  /** What a new entry holds of it. Absent: it is set by requests that follow. */
  initial?(password: NewPassword): readonly Attribute[];
  /** Requests that set the password of the entry that is addressed so, one after the other. */
  requests(address: string, password: NewPassword, subschema: Subschema): readonly Message[];
}

export const passwordModifyOid = "1.3.6.1.4.1.4203.1.11.1";

/** The attribute that says that a password must be changed first (draft-behera-ldap-password-policy §5.3.7). */
const resetAttribute = "pwdReset";

/** The password modify operation (RFC 3062), and the password policy's mark where it must be changed and a client may set the mark. */
export const byPasswordModify: PasswordForm = {
  requests(address, { value, mustChange }, { attributes }) {
    const mark = attributes.get(resetAttribute.toLowerCase());
    const isSettable = mark !== undefined && !mark.readOnly;
    return [
      new PasswordRequest(address, value),
      ...(mustChange && isSettable ? [replacement(address, resetAttribute, "TRUE")] : []),
    ];
  },
};

/** The same, of a server that says why it refuses a password only when it is written as any value. */
export const byExplainedModify: PasswordForm = {
  requests: (address, { value }) => [
    new PasswordRequest(address, value, replacement(address, "userPassword", value)),
  ],
};

function replacement(dn: string, type: string, value: string): Message {
  const modification = new Attribute({ type, values: [value] });
  return new ModifyRequest({
    messageId: 0,
    dn,
    changes: [new Change({ operation: "replace", modification })],
  });
}

/** The server checks and hashes by its own policy. */
export class PasswordRequest extends ExtendedRequest {
  /** The same in another way, to be made where this one is refused. */
  readonly otherwise: Message | undefined;

  constructor(address: string, value: string, otherwise?: Message) {
    const write = (writer: BerWriter) => {
      writer.writeString(address, 0x80);
      writer.writeString(value, 0x82);
    };
    super({ messageId: 0, oid: passwordModifyOid, value: sequence(write) });
    this.otherwise = otherwise;
  }
}
