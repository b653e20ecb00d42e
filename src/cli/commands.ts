import { applyCommand } from "./apply.ts";
import { approveCommand } from "./approve.ts";
import type { Command } from "./command.ts";
import { controllerCommand } from "./controller.ts";
import { explainCommand } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { journalCommand } from "./journal.ts";
import { passwordCommand } from "./password.ts";
import { planCommand } from "./plan.ts";
import { stateCommand } from "./state.ts";
import { statusCommand } from "./status.ts";
import { taskCommand } from "./task.ts";
import { validateCommand } from "./validate.ts";
import { versionCommand } from "./version.ts";

/** All commands there are, in the order in which help shows them. */
export const commands: readonly Command[] = [
  validateCommand,
  planCommand,
  applyCommand,
  approveCommand,
  taskCommand,
  statusCommand,
  explainCommand,
  importCommand,
  exportCommand,
  passwordCommand,
  journalCommand,
  stateCommand,
  controllerCommand,
  versionCommand,
];
