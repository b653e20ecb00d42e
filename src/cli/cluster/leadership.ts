import { type Lease, LeaseHeld, type Leadership as LeaseTerm } from "../../resources/kubernetes/lease.ts";
import { StateError } from "../../state/errors.ts";

/** What work that only one process may do gets to know. */
export interface Leadership {
  /** Aborted when leadership is lost or everything is to stop: the batch in hand is finished, nothing else is begun. */
  readonly signal: AbortSignal;
  /** Milliseconds for which nobody else can lead; 0 once leadership is lost. */
  timeLeft(): number;
}

export interface Leading {
  readonly lease: Pick<Lease, "acquire">;
  /** Ends soon after its signal is aborted; what it holds is closed by then. */
  readonly work: (leadership: Leadership) => Promise<void>;
  readonly stop: AbortSignal;
  /** The state is a file, which no other process may have open: it is an error when another one leads. */
  readonly alone: boolean;
  /** Work that ended with an error after leadership was lost. It is begun anew when we lead again. */
  readonly tell: (error: unknown) => void;
}

/**
 * Works whenever we lead, until it is stopped: an API server that is away takes leadership, never the process. Rejects with what the work
 * throws while we lead, and as `Locked` where we have to be alone and are not.
 */
export async function lead({ lease, work, stop, alone, tell }: Leading): Promise<void> {
  while (!stop.aborted) {
    const term = await lease.acquire(stop, { alone }).catch(explain);
    if (!term) return;
    try {
      await work(leadershipOf(term, stop));
    } catch (error) {
      if (term.timeLeft() > 0) throw error;
      tell(error);
    } finally {
      await term.release();
    }
  }
}

function leadershipOf(term: LeaseTerm, stop: AbortSignal): Leadership {
  return { signal: AbortSignal.any([term.lost, stop]), timeLeft: () => term.timeLeft() };
}

function explain(error: unknown): never {
  if (!(error instanceof LeaseHeld)) throw error;
  const cause = "its state is a file, which one process alone may have open";
  const cure = "run one replica (and the Deployment's strategy Recreate), or keep the state in Postgres";
  throw new StateError("Locked", `cannot run beside ${error.holder}: ${cause}; ${cure}`, error);
}
