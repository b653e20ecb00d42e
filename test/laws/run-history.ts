import { StoreError } from "../../src/connectors/errors.ts";
import type { MemoryAccount, MemoryEntitlement } from "../../src/connectors/memory/content.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import type { IdentitySpec } from "../../src/core/kinds/identity.ts";
import type { TargetReport } from "../../src/engine/run.ts";
import { images } from "../../src/report/patch.ts";
import { exportState } from "../../src/state/export.ts";
import type { JournalEntry, State } from "../../src/state/state.ts";
import { company, dn } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { hashesOf, type Tampering, World } from "../support/world.ts";
import { type Faults, happen, people, type Step } from "./history.ts";
import { touchedThoughProtected } from "./protection.ts";
import { expected } from "./reference.ts";

/** A law was broken, and how. */
export class Violation extends Error {
  readonly law: number;

  constructor(law: number, message: string) {
    super(`law ${law}: ${message}`);
    this.law = law;
  }
}

/** The process ended here. */
class Killed extends Error {}

export const removalsAllowed = 2;
const day = 24 * 3_600_000;

interface Picture {
  readonly accounts: ReadonlyMap<string, MemoryAccount>;
  readonly entitlements: ReadonlyMap<string, MemoryEntitlement>;
}

/** Lives through one history, and throws a `Violation` at the first law that is broken. */
export async function liveThrough(steps: readonly Step[], tampering: Tampering = {}): Promise<void> {
  await new History(tampering).live(steps);
}

class History {
  readonly #faults: Faults = {
    refuse: undefined,
    loseAnswers: undefined,
    cutScans: undefined,
    loseDeliveries: undefined,
    kill: undefined,
  };
  readonly #store = new MemoryStore({ nameMatching: "distinguishedName" });
  readonly #world: World;
  /** When accounts lost something to us, and how many: what budgets bound. */
  readonly #removed: { readonly at: number; readonly accounts: readonly string[] }[] = [];
  readonly #created = new Set<string>();
  /** Whose manifest was taken away with all others, and is not back. */
  readonly #wentAlong = new Set<string>();
  /** A role that was edited takes things away whoever is missing: only an untouched one proves that the reading did. */
  #policyEdited = false;

  constructor(tampering: Tampering) {
    this.#world = new World(this.#store, {
      ...tampering,
      state: (state) => this.#mortal(tampering.state?.(state) ?? state),
    });
    const limits = {
      removals: { percent: 0, atLeast: removalsAllowed, atMost: removalsAllowed, per: "24h" },
      settle: "10m",
    };
    const target = {
      allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
      limits,
      deprovision: { action: "Disable", deleteAfter: "24h" },
      passwords: {
        initial: { onEnable: "Reset", deliver: { secret: { name: { expression: "identity.userName" } } } },
      },
    };
    const tools = { target: { name: "people" }, entitlements: [{ name: "tools", ensure: true }] };
    this.#world.put(...company(target), { kind: "AccessProfile", name: "tools", spec: tools });
    const people = this.#world.manifests.get("Target/people")!.spec.accounts as {
      attributes: Record<string, unknown>;
    };
    people.attributes.ssn = { expression: "identity.attributes.ssn", sensitive: true };
    this.#store.addEntitlement("club");
    this.#world.desk.before = () =>
      this.#count("loseDeliveries", () => new StoreError("Unavailable", "the sink is away"));
    this.#world.desk.after = () => this.#die();
    this.#store.faults = {
      page: () =>
        this.#count("cutScans", () => new StoreError("Unavailable", "the connection was cut in mid-page")),
      call: (call) =>
        call === "scan"
          ? this.#count("cutScans", () => new StoreError("Unavailable", "the connection was cut"))
          : undefined,
      refuse: () => this.#refuses(),
      losesAnswer: () => this.#countdown("loseAnswers"),
    };
  }

  async live(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      happen(this.#world, this.#faults, step);
      if (step.do === "taken away and made anew")
        for (const who of people) if (!this.#world.manifests.has(`Identity/${who}`)) this.#wentAlong.add(who);
      if (step.do === "declare" || step.do === "hire everybody") this.#seenAgain();
      if (step.do === "role" || step.do === "profile") this.#policyEdited = true;
      if (step.do === "apply") await this.#run(undefined);
      else if (step.do === "apply shown") await this.#run(await this.#plan());
      else if (step.do === "approve") await this.#approve();
    }
    await this.#end();
  }

  async #plan(): Promise<ReadonlySet<string>> {
    const reports = await this.#surviving(() => this.#world.plan());
    return hashesOf(reports ?? []);
  }

  /** A run, and what holds after every run. */
  async #run(shown: ReadonlySet<string> | undefined): Promise<readonly TargetReport[] | undefined> {
    const before = this.#picture();
    const writes = this.#store.writes;
    const reports = await this.#surviving(() => this.#world.apply({ shown }));
    const after = this.#picture();
    this.#touchesOnlyWhatItOwns(before, after);
    await this.#bounded(before, after);
    if (!this.#world.complete.ok) this.#unknownIsNotNo(before, after);
    this.#unseenTakesNothing(before, after);
    this.#erringTakesNothing(before, after);
    for (const [anchor, account] of after.accounts)
      if (!before.accounts.has(anchor)) this.#created.add(account.name);
    for (const [anchor, account] of before.accounts)
      if (!after.accounts.has(anchor) && account.enabled)
        throw new Violation(8, `${account.name} was deleted without having been disabled`);
    if (!reports) return undefined;
    this.#tellsNoPassword(JSON.stringify([tell(reports), reports.map(imagesOf)]));
    if (
      reports.every((report) => report.applied?.done.length === 0 && report.applied.failed.length === 0) &&
      this.#store.writes !== writes
    )
      throw new Violation(2, "a run that found nothing wrote to the store");
    if (shown)
      for (const item of reports.flatMap((report) => report.applied?.done ?? []))
        if (!shown.has(item.hash))
          throw new Violation(6, `${item.operation} ${item.name} was done and had not been shown`);
    return reports;
  }

  /** Undefined where the process was killed under way; it has been started again then. */
  async #surviving<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.#faults.kill = undefined;
      this.#world.restart();
      return undefined;
    }
  }

  async #approve(): Promise<void> {
    const state = await this.#world.state();
    for (const hold of await state.holds("people")) await state.approve(hold.hash, "tester", this.#world.now);
  }

  /** When the dust has settled: everything mended, approved and waited for. Then what must hold at last. */
  async #end(): Promise<void> {
    const world = this.#world;
    Object.assign(this.#faults, {
      refuse: undefined,
      loseAnswers: undefined,
      cutScans: undefined,
      loseDeliveries: undefined,
      kill: undefined,
    });
    world.complete = { ok: true };
    world.invalid.clear();
    world.unread.clear();
    world.now = Math.max(world.now, ...this.#removed.map(({ at }) => at)) + 10 * day;
    world.restart();
    // Disable, revoke and, two days later, delete: each may have to be approved first.
    for (const wait of [0, 0, 2, 0, 2, 0, 0]) {
      world.now += wait * day;
      await this.#run(await this.#plan());
      await this.#approve();
    }
    await this.#converges();
    await this.#remembers();
  }

  async #converges(): Promise<void> {
    this.#world.restart();
    const [report] = await this.#world.plan();
    const left = report?.guarded.items ?? [];
    if (left.length > 0)
      throw new Violation(
        1,
        `left to do: ${left.map((item) => `${item.operation} ${item.name}`).join(", ")}`,
      );
    const excused = new Set(
      [...(report?.findings ?? []), ...(report?.guarded.withheld.map(({ item }) => item) ?? [])].map(
        (each) => each.identity,
      ),
    );
    const wrong = expected(this.#world).find(
      (claim) =>
        !excused.has(claim.identity) && !this.#isUnproven(claim.identity) && !claim.holds(this.#store),
    );
    if (wrong) throw new Violation(1, `the reference says that ${wrong.says}`);
    const numbers = [...this.#store.accounts.values()].flatMap(
      (account) => account.attributes.employeeNumber ?? [],
    );
    if (new Set(numbers).size < numbers.length)
      throw new Violation(7, `an account is there twice: ${numbers.join(", ")}`);
    for (const { anchor, name, enabled } of this.#store.accounts.values()) {
      if (!enabled || !this.#store.passwords.entries.has(anchor)) continue;
      const who = name.slice(4, name.indexOf(","));
      if (!this.#store.login(name, this.#world.desk.kept.get(`Secret ${who}`) ?? ""))
        throw new Violation(1, `${name} cannot log in with the password that was delivered last`);
    }
    const writes = this.#store.writes;
    await this.#world.apply();
    if (this.#store.writes !== writes)
      throw new Violation(2, "a pass over what has converged wrote to the store");
  }

  /** Of these the manifests say nothing any more: whether they are to leave, only a person can tell. */
  #isUnproven(who: string): boolean {
    const { manifests, known, origin } = this.#world;
    return !manifests.has(`Identity/${who}`) && known.Identity.get(who)?.origin !== origin;
  }

  async #remembers(): Promise<void> {
    const state = await this.#world.state();
    const lines: JournalEntry[] = [];
    for await (const page of state.journal({})) lines.push(...page);
    const told = new Set(lines.filter((line) => line.operation === "Create").map((line) => line.name));
    const untold = [...this.#created].find((name) => !told.has(name));
    if (untold !== undefined) throw new Violation(7, `the creation of ${untold} has no journal line`);
    const dumb = lines.find(
      (line) =>
        line.reasons.length === 0 || line.revision === "" || line.reasons.some((chain) => chain.length === 0),
    );
    if (dumb) throw new Violation(10, `the journal does not say why ${dumb.operation} ${dumb.name}`);
    const shown = (await this.#world.plan({ full: true })).flatMap((report) =>
      report.guarded.items.map((item) => JSON.stringify(images(item))),
    );
    for await (const line of exportState(state)) shown.push(line.includes('"spec"') ? "" : line);
    for (const text of shown) this.#tellsNoPassword(text);
    const secret = shown.find((text) => text.includes("SECRET-"));
    if (secret !== undefined) throw new Violation(9, `a sensitive value is told: ${secret.slice(0, 300)}`);
  }

  #tellsNoPassword(text: string): void {
    const told = this.#world.desk.delivered.find(({ password }) => text.includes(password));
    if (told) throw new Violation(9, `a password is told: ${text.slice(0, 300)}`);
  }

  #touchesOnlyWhatItOwns(before: Picture, after: Picture): void {
    const kept = touchedThoughProtected(before, after);
    if (kept !== undefined) throw new Violation(3, `${kept} was changed, and the store protects it`);
    for (const [anchor, account] of before.accounts) {
      const now = after.accounts.get(anchor);
      if (account.name.startsWith("uid=stranger") && now !== account)
        throw new Violation(3, `${account.name} was touched`);
      if (now && JSON.stringify(now.attributes.note) !== JSON.stringify(account.attributes.note))
        throw new Violation(3, `an attribute that is not mapped was touched on ${account.name}`);
    }
    for (const [anchor, entitlement] of before.entitlements) {
      const now = after.entitlements.get(anchor);
      const mustStay =
        entitlement.name === "club"
          ? [...entitlement.members]
          : [...entitlement.members].filter((member) =>
              before.accounts.get(member)?.name.startsWith("uid=stranger"),
            );
      const lost = mustStay.find((member) => after.accounts.has(member) && !now?.members.has(member));
      if (lost !== undefined)
        throw new Violation(3, `a membership that is not ours was taken from ${entitlement.name}`);
    }
  }

  /** Counts, from the store alone, the accounts that lost something, those approved or disabled in an emergency left out. */
  async #bounded(before: Picture, after: Picture): Promise<void> {
    const state = await this.#world.state();
    const excused = new Set<string>();
    for await (const page of state.journal({}))
      for (const line of page) if (line.approvedBy !== undefined) excused.add(line.identity);
    for (const hold of await state.holds("people"))
      if (hold.approved) for (const item of hold.items) excused.add(item.identity);
    for (const [id, { resource }] of this.#world.known.Identity)
      if ((resource.spec as IdentitySpec).lifecycle?.emergency) excused.add(id);
    const lost = losers(before, after).filter((name) => !excused.has(name.slice(4, name.indexOf(","))));
    const { now } = this.#world;
    this.#removed.push({ at: now, accounts: lost });
    const recent = this.#removed.filter(({ at }) => at > now - day && at <= now);
    const within = new Set(recent.flatMap(({ accounts }) => accounts)).size;
    if (lost.length > 0 && within > removalsAllowed)
      throw new Violation(5, `${within} accounts lost something within a day: ${lost.join("; ")}`);
  }

  /** Whoever is not in an incomplete reading keeps what they have. */
  #unknownIsNotNo(before: Picture, after: Picture): void {
    for (const name of losers(before, after)) {
      const id = name.slice(4, name.indexOf(","));
      if (people.includes(id as never) && !this.#world.manifests.has(`Identity/${id}`)) {
        // What the last valid manifest takes away is not taken by the reading: a leaver's, a mover's.
        const known = this.#world.known.Identity.get(id)?.resource.spec as IdentitySpec | undefined;
        if (!known?.lifecycle && known?.department === "Research" && !this.#policyEdited)
          throw new Violation(4, `${name} lost something to an incomplete reading`);
      }
    }
  }

  #seenAgain(): void {
    for (const who of [...this.#wentAlong])
      if (this.#world.manifests.has(`Identity/${who}`)) this.#wentAlong.delete(who);
  }

  /** Roles that nobody could read may give anything; who went along with a namespace has not left it. */
  #unseenTakesNothing(before: Picture, after: Picture): void {
    const { manifests, unread, invalid, known } = this.#world;
    for (const name of losers(before, after)) {
      const id = name.slice(4, name.indexOf(","));
      const spec = known.Identity.get(id)?.resource.spec as IdentitySpec | undefined;
      if (!spec || spec.lifecycle) continue;
      const isThere = manifests.has(`Identity/${id}`) && !invalid.has(`Identity/${id}`);
      if (unread.size > 0 && isThere) throw new Violation(4, `${name} lost something, and no role was read`);
      // What her last manifest takes away, a mover's, is not taken by the namespace.
      if (this.#wentAlong.has(id) && spec.department === "Research" && !this.#policyEdited)
        throw new Violation(4, `${name} lost something with the namespace`);
    }
  }

  /** A role whose rule errs has proven of nobody that they are not members. */
  #erringTakesNothing(before: Picture, after: Picture): void {
    const role = this.#world.manifests.get("BusinessRole/research")!.spec as {
      readonly members: { readonly when: string };
      readonly accessProfiles: readonly { readonly name: string }[];
    };
    if (!role.members.when.includes("startsWith")) return;
    const mayGive = new Set(role.accessProfiles.map((profile) => profile.name));
    for (const who of people) {
      const spec = this.#world.manifests.get(`Identity/${who}`)?.spec;
      if (!spec || spec.lifecycle || this.#world.invalid.has(`Identity/${who}`)) continue;
      for (const [anchor, { name, members }] of before.entitlements)
        for (const member of members)
          if (
            mayGive.has(name) &&
            before.accounts.get(member)?.name === dn(who) &&
            after.accounts.has(member) &&
            !after.entitlements.get(anchor)?.members.has(member)
          )
            throw new Violation(4, `${who} lost ${name} to a rule that errs`);
    }
  }

  #picture(): Picture {
    return { accounts: new Map(this.#store.accounts), entitlements: new Map(this.#store.entitlements) };
  }

  #refuses(): StoreError | undefined {
    this.#die();
    return this.#countdown("refuse") ? new StoreError("Denied", "refused by the test") : undefined;
  }

  #count(fault: keyof Faults, error: () => StoreError): void {
    if (this.#countdown(fault)) throw error();
  }

  #countdown(fault: keyof Faults): boolean {
    const left = this.#faults[fault];
    if (left === undefined) return false;
    this.#faults[fault] = left === 0 ? undefined : left - 1;
    return left === 0;
  }

  #die(): void {
    if (this.#countdown("kill")) throw new Killed();
  }

  /** A state whose process may be killed before and after every commit. */
  #mortal(state: State): State {
    return new Proxy(state, {
      get: (target, property) => {
        const member = Reflect.get(target, property, target) as unknown;
        if (typeof member !== "function") return member;
        if (property !== "begin" && property !== "finish" && property !== "putHolds")
          return member.bind(target);
        return async (...given: unknown[]) => {
          this.#die();
          const result: unknown = await member.apply(target, given);
          this.#die();
          return result;
        };
      },
    });
  }
}

/** All that a report has to show of its items. */
function imagesOf({ guarded }: TargetReport): readonly unknown[] {
  return [...guarded.items, ...guarded.withheld.map(({ item }) => item)].map(images);
}

function losers(before: Picture, after: Picture): readonly string[] {
  const lost = new Set<string>();
  for (const [anchor, account] of before.accounts) {
    const now = after.accounts.get(anchor);
    if (!now || (account.enabled && !now.enabled)) lost.add(account.name);
  }
  for (const [anchor, entitlement] of before.entitlements)
    for (const member of entitlement.members)
      if (!after.entitlements.get(anchor)?.members.has(member))
        lost.add(before.accounts.get(member)?.name ?? member);
  return [...lost];
}
