import type { CredentialRef } from "../../connectors/contract.ts";
import { StoreError } from "../../connectors/errors.ts";
import { type PasswordDelivery, type PasswordPlace, placeText } from "../../core/model/password.ts";
import type { PasswordDesk } from "../../engine/password-desk.ts";
import { type CallSpec, PasswordCall } from "./call.ts";
import { type PasswordFiles, writePassword } from "./file.ts";
import { isText, noText } from "./text.ts";

/** What the desk of one target stands on. */
export interface DeskParts extends PasswordFiles {
  /** The text behind a credential, or a password that stands somewhere, without a line's end. */
  readonly secret: (reference: CredentialRef) => Promise<string>;
  /** The service that the target delivers to, where it does. */
  readonly call: CallSpec | undefined;
  /** Writes a Secret's key, in a cluster. */
  readonly writeSecret: SecretWriter | undefined;
}

/** Throws a `StoreError`. */
export type SecretWriter = (
  place: Extract<PasswordPlace, { kind: "Secret" }>,
  delivery: PasswordDelivery,
  signal: AbortSignal,
) => Promise<void>;

/** Reads and delivers the passwords of one target. */
export function passwordDesk(parts: DeskParts): PasswordDesk {
  const call = parts.call && new PasswordCall(parts.call, parts.secret);
  const lineOf = async (place: PasswordPlace, reference: CredentialRef) => {
    const line = (await parts.secret(reference)).replace(/\r?\n$/, "");
    if (isText(line)) return line;
    throw new StoreError("Invalid", `${placeText(place)} ${noText}`);
  };
  return {
    async read(place) {
      if (place.kind === "Secret")
        return lineOf(place, { secretKeyRef: { name: place.name, key: place.key } });
      if (place.kind === "File") return lineOf(place, { file: place.path });
      throw new StoreError("Invalid", "a password cannot be read by a call");
    },
    async deliver(place, delivery, signal) {
      switch (place.kind) {
        case "File":
          return writePassword(parts, place.path, delivery);
        case "Secret":
          if (parts.writeSecret) return parts.writeSecret(place, delivery, signal);
          throw new StoreError(
            "Denied",
            `cannot write Secret ${place.name} without a cluster: deliver to a file, or by a call`,
          );
        case "Call":
          return call?.deliver(delivery, signal);
      }
    },
  };
}
