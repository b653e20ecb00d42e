import { describe } from "vitest";
import { describeKeeping } from "./keeping.ts";
import { describeKills } from "./kills.ts";
import { describeModel } from "./model-property.ts";
import { describeOpening } from "./opening.ts";

/** Where a suite keeps its states. */
export interface Bed {
  /** A place where there is no state yet. */
  freshPlace(): Promise<string>;
  /** Random sequences of calls to try. */
  readonly sequences: number;
}

/** What every state does, whatever it is kept in. */
export function describeState(bed: Bed): void {
  describe("opening", () => describeOpening(bed));
  describe("keeping", () => describeKeeping(bed));
  describe("against a naive model", () => describeModel(bed));
  describe("killed", () => describeKills(bed));
}
