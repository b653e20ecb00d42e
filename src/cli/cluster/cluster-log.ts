import type { Logger } from "pino";
import type { LeaseEvent } from "../../resources/kubernetes/lease.ts";

export function logLease(log: Logger, event: LeaseEvent): void {
  switch (event.kind) {
    case "Leading":
      log.info({ transitions: event.transitions }, "leading");
      return;
    case "Following":
      log.info({ leader: event.holder }, "standing by");
      return;
    case "Lost":
      log.warn({ reason: event.reason }, "no longer leading");
      return;
    case "Failed":
      log.warn({ error: event.error.message }, "cannot read or write the lease");
  }
}
