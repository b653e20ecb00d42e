import type { Holding, Link } from "../../../src/core/model/link.ts";
import type { Batch, BatchResult, Hold, JournalEntry } from "../../../src/state/state.ts";

/** A call that changes a state. */
export type Call =
  | { readonly call: "begin"; readonly batch: Batch }
  | { readonly call: "finish"; readonly result: BatchResult }
  | { readonly call: "putHolds"; readonly target: string; readonly holds: readonly Hold[] }
  | { readonly call: "approve"; readonly hash: string; readonly at: number }
  | { readonly call: "setNotes"; readonly target: string; readonly notes: Record<string, string | undefined> }
  | { readonly call: "reopen" };

/** What the state says it does, in lists that are searched from end to end: the reference for the real ones. */
export class NaiveState {
  links: Link[] = [];
  holdings: Holding[] = [];
  batches: (Batch & { open: boolean })[] = [];
  holds: Hold[] = [];
  notes: { target: string; name: string; text: string }[] = [];
  journal: Omit<JournalEntry, "seq">[] = [];

  /** The call's answer; throws where the real one throws a Conflict, and then is as before. */
  do(step: Call): unknown {
    switch (step.call) {
      case "begin":
        if (this.batches.some(({ id }) => id === step.batch.id)) throw new Error("begun before");
        this.batches.push({ ...step.batch, open: true });
        return;
      case "finish":
        return this.#finish(step.result);
      case "putHolds":
        this.holds = [
          ...this.holds.filter(({ target }) => target !== step.target),
          ...step.holds.map((hold) => this.#kept(hold)),
        ];
        return;
      case "approve":
        return this.#approve(step.hash, step.at);
      case "setNotes":
        for (const [name, text] of Object.entries(step.notes)) {
          this.notes = this.notes.filter((note) => note.target !== step.target || note.name !== name);
          if (text !== undefined) this.notes.push({ target: step.target, name, text });
        }
        return;
      case "reopen":
    }
  }

  spent(target: string, budget: "Removals" | "Creates", since: number): number {
    const counted = this.batches.filter((batch) => batch.target === target && batch.at >= since);
    return counted.reduce((sum, { counts }) => sum + (counts[budget] ?? 0), 0);
  }

  #finish(result: BatchResult): void {
    const batch = this.batches.find(({ id }) => id === result.batch);
    if (result.batch !== undefined && !batch?.open) throw new Error("not open");
    const gone = (held: { target: string; identity: string }) =>
      result.unlink?.some(({ target, identity }) => held.target === target && held.identity === identity);
    const dropped = (held: Holding) =>
      result.dropHoldings?.some((other) => same(held, other) && held.entitlement === other.entitlement);
    let links = this.links.filter((link) => !gone(link));
    for (const link of result.links ?? []) {
      const others = links.filter((other) => !same(link, other));
      if (others.some(({ target, anchor }) => target === link.target && anchor === link.anchor))
        throw new Error("taken");
      links = [...others, link];
    }
    this.links = links;
    this.holdings = this.holdings.filter((held) => !gone(held) && !dropped(held));
    for (const held of result.holdings ?? []) {
      const others = this.holdings.filter(
        (other) => !same(held, other) || held.entitlement !== other.entitlement,
      );
      this.holdings = [...others, held];
    }
    this.journal.push(...(result.journal ?? []));
    if (batch !== undefined) batch.open = false;
  }

  #kept(hold: Hold): Hold {
    const before = this.holds.find(({ target, hash }) => target === hold.target && hash === hold.hash);
    if (before === undefined || before.expires <= hold.at) return hold;
    const { at, expires, approved } = before;
    return { ...hold, at, expires, ...(approved && { approved }) };
  }

  #approve(hash: string, at: number): boolean {
    const open = this.holds.filter((hold) => hold.hash === hash && hold.expires > at);
    this.holds = this.holds.map((hold) =>
      open.includes(hold) && !hold.approved ? { ...hold, approved: { by: "carol", at } } : hold,
    );
    return open.length > 0;
  }
}

function same(
  one: { target: string; identity: string },
  other: { target: string; identity: string },
): boolean {
  return one.target === other.target && one.identity === other.identity;
}
