import { describe, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import { ByHand } from "../support/by-hand.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";

/** A company whose people change the directory right when Rollcall has looked for what they did, and not yet planned. */
class Late extends ByHand {
  #later: (() => void) | undefined;

  static founded(): Late {
    const world: Late = new Late(undefined, { connector: (connector) => world.#interrupted(connector) });
    world.put(...company({ tasks: { owner: "records" } }));
    return world;
  }

  later(work: () => void): void {
    this.#later = work;
  }

  /** The first that is asked for is what tasks are about. */
  #interrupted(connector: Connector): Connector {
    const then = async <T>(answer: Promise<T>): Promise<T> => {
      const given = await answer;
      const work = this.#later;
      this.#later = undefined;
      work?.();
      return given;
    };
    return {
      ...connector,
      find: (questions, call) => then(connector.find(questions, call)),
      fetch: (anchors, call) => then(connector.fetch(anchors, call)),
    };
  }
}

const values = { mail: ["ann@example.org"], employeeNumber: ["E-ann"], department: ["Research"] };

describe("what people do while Rollcall looks", () => {
  test("is taken in by the next look: no task is withdrawn for it, and nobody's account is proposed", async () => {
    const world = Late.founded();
    world.put(person("ann"));
    await world.apply();
    world.later(() => {
      world.store.addAccount(dn("ann"), values);
      world.store.addEntitlement("lab", [dn("ann")]);
    });
    const told = [...(await world.look()), ...(await world.look())];
    expect(told.toSorted()).toEqual(["Done ann", "Done lab"]);
    expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [], findings: [] });
    const [link] = await (await world.state()).linksOf("people", ["ann"]);
    expect(link).toMatchObject({ origin: "Created" });
    expect((await world.journal()).map(({ operation, result }) => `${operation} ${result}`)).toEqual([
      "Create Done",
      "Create Done",
      "Grant Done",
    ]);
  });

  test("is journalled also where it is a part of what was asked for", async () => {
    const world = Late.founded();
    world.put(person("ann"));
    world.store.addAccount(dn("ann"), values);
    world.store.addEntitlement("lab", [dn("ann")]);
    await world.apply();
    await world.applyShown();
    world.edit("Identity/ann", { emails: [{ value: "a@example.org" }], lifecycle: { state: "Inactive" } });
    await world.apply();
    const before = (await world.journal()).length;
    world.later(() => world.store.editAccount(dn("ann"), { enabled: false }));
    await world.look();
    await world.look();
    const lines = (await world.journal()).slice(before);
    expect(lines.map(({ operation, result }) => `${operation} ${result}`)).toContain("Disable Done");
  });
});
