import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outcomeOf, planned } from "../../../test/support/planned.ts";
import type { PlanItem } from "../model/change.ts";
import { orderByReference } from "./waves.ts";

const manager = { name: "manager", before: [], after: ["uid=x"], reference: true } as const;
const creating = (identity: string, ...after: readonly string[]) =>
  planned({
    operation: "Create",
    identity,
    attributes: [{ name: "mail", before: [], after: [identity] }, ...(after.length > 0 ? [manager] : [])],
    ...(after.length > 0 ? { after } : {}),
  });
const order = (...items: readonly PlanItem[]) => outcomeOf(orderByReference(items, "key"));
const told = (items: readonly PlanItem[]) =>
  items.map((item) => `${item.operation} ${item.identity} ${item.wave}`);

describe("accounts that name others", () => {
  test.each([
    {
      reason: "nobody names anybody",
      items: [creating("a"), creating("b")],
      waves: ["Create a 10", "Create b 10"],
    },
    {
      reason: "a chain is as many waves",
      items: [creating("a", "b"), creating("b", "c"), creating("c")],
      waves: ["Create a 12", "Create b 11", "Create c 10"],
    },
    {
      reason: "who is there already is not waited for",
      items: [creating("a", "there")],
      waves: ["Create a 10"],
    },
    {
      reason: "a circle is made without, and set late",
      items: [creating("a", "b"), creating("b", "a")],
      waves: ["Create a 10", "Update a 900", "Create b 10", "Update b 900"],
    },
    {
      reason: "who names oneself is a circle of one",
      items: [creating("a", "a")],
      waves: ["Create a 10", "Update a 900"],
    },
    {
      reason: "an update waits, and all else of its account with it",
      items: [
        planned({ operation: "Update", identity: "a", anchor: "#1", attributes: [manager], after: ["b"] }),
        planned({ operation: "Enable", identity: "a", anchor: "#1" }),
        creating("b"),
      ],
      waves: ["Update a 11", "Enable a 11", "Create b 10"],
    },
  ])("$reason", ({ items, waves }) => expect(told(order(...items))).toEqual(waves));

  test("what is split is all there, once", () => {
    const [create, update] = order(creating("a", "a"));
    expect(create).toMatchObject({ attributes: [{ name: "mail" }] });
    expect(update).toMatchObject({ attributes: [{ name: "manager" }], after: ["a"] });
    expect(create).not.toHaveProperty("after");
  });

  test("whoever is named was made in an earlier wave, whatever names whom", () => {
    const names = [..."abcdefgh"];
    const reports = fc.array(fc.tuple(fc.constantFrom(...names), fc.subarray(names, { maxLength: 2 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(reports, (list) => {
        const items = [...new Map(list)].map(([who, whom]) => creating(who, ...whom));
        const ordered = order(...items);
        const made = new Map(
          ordered.flatMap((item) =>
            item.operation === "Create" ? [[item.identity, item.wave] as const] : [],
          ),
        );
        for (const item of ordered)
          if (item.kind === "account" && item.attributes.some(({ reference }) => reference))
            for (const other of item.after ?? [])
              if (made.has(other)) expect(made.get(other)).toBeLessThan(item.wave);
        const attributes = (all: readonly PlanItem[]) =>
          all.flatMap((item) =>
            item.kind === "account" ? item.attributes.map(({ name }) => `${item.identity} ${name}`) : [],
          );
        expect(attributes(ordered).sort()).toEqual(attributes(items).sort());
      }),
    );
  });
});
