import type { Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Wrapper } from "./wrapper.ts";

/** Characters of a password that no word of a message has by chance. */
const shortest = 4;

/** Takes out of errors the passwords that were sent with the changes: a store may repeat them in its own words. */
export const redacting: Wrapper = {
  async *apply(changes, call, next) {
    const passwords = changes.flatMap(passwordOf);
    try {
      for await (const outcome of next(changes, call)) yield told(outcome, passwords);
    } catch (error) {
      throw error instanceof StoreError ? without(error, passwords) : error;
    }
  },
};

function passwordOf(change: StoreChange): string[] {
  if (!("password" in change) || !change.password) return [];
  const { value } = change.password;
  return value.length < shortest ? [] : [value];
}

function told(outcome: Outcome, passwords: readonly string[]): Outcome {
  return outcome.ok ? outcome : { ...outcome, error: without(outcome.error, passwords) };
}

/** The same error, or one without them and without what it came from. */
function without(error: StoreError, passwords: readonly string[]): StoreError {
  const { kind, message, retryAfter } = error;
  const rest = passwords.reduce((text, each) => text.replaceAll(each, "(the password)"), message);
  if (rest === message) return error;
  return new StoreError(kind, rest, retryAfter === undefined ? {} : { retryAfter });
}
