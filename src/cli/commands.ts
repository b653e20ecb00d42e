import { applyCommand } from "./apply.ts";
import type { Command } from "./command.ts";
import { planCommand } from "./plan.ts";
import { validateCommand } from "./validate.ts";
import { versionCommand } from "./version.ts";

/** All commands there are, in the order in which help shows them. */
export const commands: readonly Command[] = [validateCommand, planCommand, applyCommand, versionCommand];
