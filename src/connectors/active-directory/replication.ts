import { decodeGuid } from "./guid.ts";

/** One controller as a session finds it. */
export interface Sight {
  /** `dc1.ad.example.org`. */
  readonly host: string;
  /** Names the controller's copy of the directory: another one counts its changes otherwise (MS-ADTS §3.1.1.1.9). */
  readonly invocationId: string;
  /** How far it has counted (highestCommittedUSN). */
  readonly usn: bigint;
  /** The domain's objectGUID. */
  readonly domain: string;
  /** Its copy takes no changes (a read-only domain controller). */
  readonly isReadOnly: boolean;
  /** Up to which of its changes each other copy's have arrived here, by invocationId. */
  readonly arrived: ReadonlyMap<string, bigint>;
}

/** Our last change at a controller. */
export interface Mark {
  readonly host: string;
  /** How far the copy had counted after our last change there; undefined where it could not be asked any more. */
  readonly usn: bigint | undefined;
  /** When that was, in ms. */
  readonly at: number;
}

/** What stood when a controller was asked how far it has counted: answers to several sessions come in any order. */
export interface Asked {
  readonly highest: ReadonlyMap<string, bigint>;
  /** Of changes that were all answered by then. */
  readonly marks: ReadonlyMap<string, Mark>;
}

/**
 * What was changed at which controller, so that another one is not worked with before that has arrived there: what is missing
 * there would look deleted, and be created twice. Lives longer than connections, since those end when a controller does.
 */
export class Written {
  private readonly marks = new Map<string, Mark>();
  private readonly highest = new Map<string, bigint>();

  /** A change was sent there. */
  begin({ invocationId, host }: Sight, now: number): void {
    this.marks.set(invocationId, { host, usn: undefined, at: now });
  }

  /** Whether changes were sent there, and nobody knows how far it had counted afterwards. */
  isOpenAt({ invocationId }: Sight): boolean {
    const mark = this.marks.get(invocationId);
    return mark !== undefined && mark.usn === undefined;
  }

  /** To be taken right before a controller is asked. `isQuiet`: no change is under way. */
  asked(isQuiet: boolean): Asked {
    return { highest: new Map(this.highest), marks: new Map(isQuiet ? this.marks : []) };
  }

  /** It has counted as far as this; says how far our changes are where nothing was under way when it was asked, nor was sent since. */
  settle({ invocationId }: Sight, usn: bigint, asked: Asked): void {
    const mark = this.marks.get(invocationId);
    if (mark !== undefined && mark.usn === undefined && mark === asked.marks.get(invocationId))
      this.marks.set(invocationId, { ...mark, usn });
  }

  /** Learns from a new session; returns by how much the controller has counted back, which it never does unless it was restored. */
  meet({ invocationId, usn }: Sight, { highest }: Asked): bigint {
    const before = highest.get(invocationId) ?? usn;
    const isBack = before > usn;
    if (isBack || usn > (this.highest.get(invocationId) ?? 0n)) this.highest.set(invocationId, usn);
    return isBack ? before - usn : 0n;
  }

  /** The controllers whose changes by us, not older than `replication` ms, have not all arrived at this one. */
  missingAt(
    sight: Sight,
    replication: number,
    now: number,
  ): { readonly host: string; readonly until: number }[] {
    for (const [id, { at }] of [...this.marks]) if (now - at >= replication) this.marks.delete(id);
    return [...this.marks]
      .filter(
        ([id, { usn }]) =>
          id !== sight.invocationId && !(usn !== undefined && (sight.arrived.get(id) ?? 0n) >= usn),
      )
      .map(([, { host, at }]) => ({ host, until: at + replication }));
  }
}

/** replUpToDateVector of a domain: how far each copy's changes have arrived (MS-DRSR §5.166, UPTODATE_VECTOR). What is no such thing says nothing. */
export function decodeUpToDateVector(value: Buffer | undefined): Map<string, bigint> {
  const arrived = new Map<string, bigint>();
  if (value === undefined || value.length < 16) return arrived;
  const size = { 1: 24, 2: 32 }[value.readUInt32LE(0)];
  if (size === undefined) return arrived;
  const count = value.readUInt32LE(8);
  for (let n = 0, at = 16; n < count && at + size <= value.length; n++, at += size)
    arrived.set(decodeGuid(value.subarray(at, at + 16)), value.readBigUInt64LE(at + 16));
  return arrived;
}
