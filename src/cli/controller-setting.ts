import type { Logger } from "pino";
import type { Metrics } from "../server/metrics.ts";
import type { Address } from "./address.ts";
import type { Context } from "./command.ts";

/** What a running controller is given, wherever its manifests come from. */
export interface ControllerSetting {
  readonly context: Context;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Where health and metrics are served. */
  readonly address: Address;
  readonly stop: AbortSignal;
}
