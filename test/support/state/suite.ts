import { describe } from "vitest";
import type { Bed } from "./bed.ts";
import { describeKeeping } from "./keeping.ts";
import { describeKills } from "./kills.ts";
import { describeModel } from "./model-property.ts";
import { describeOpening } from "./opening.ts";

/** What every state does, whatever it is kept in. */
export function describeState(bed: Bed): void {
  describe("opening", () => describeOpening(bed));
  describe("keeping", () => describeKeeping(bed));
  describe("against a naive model", () => describeModel(bed));
  describe("killed", () => describeKills(bed));
}
