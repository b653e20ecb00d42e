import type { CredentialRef } from "../../connectors/contract.ts";
import { StoreError } from "../../connectors/errors.ts";
import type { PasswordDelivery, PasswordPlace } from "../../core/model/password.ts";
import type { PasswordDesk } from "../../engine/password-desk.ts";
import { type PasswordFiles, writePassword } from "./file.ts";

/** What the desk of one target stands on. */
export interface DeskParts extends PasswordFiles {
  /** The text behind a credential, or a password that stands somewhere, without a line's end. */
  readonly secret: (reference: CredentialRef) => Promise<string>;
}

/** Reads and delivers the passwords of one target. */
export function passwordDesk(parts: DeskParts): PasswordDesk {
  return {
    read(place) {
      if (place.kind === "Secret")
        return parts.secret({ secretKeyRef: { name: place.name, key: place.key } });
      if (place.kind === "File") return parts.secret({ file: place.path });
      throw unknown(place);
    },
    deliver(place, delivery) {
      switch (place.kind) {
        case "File":
          return toFile(parts, place.path, delivery);
        default:
          throw unknown(place);
      }
    },
  };
}

function toFile(parts: PasswordFiles, path: string, { password, id }: PasswordDelivery): Promise<void> {
  return writePassword(parts, path, password, id);
}

function unknown({ kind }: PasswordPlace): StoreError {
  return new StoreError("Invalid", `cannot use a ${kind} for this`);
}
