import { describe, expect, it } from "vitest";
import { makeFolder } from "../../test/support/folder.ts";
import { openState } from "../state/open.ts";
import { notebookOf } from "./notebook.ts";

describe("a store's notebook", () => {
  it("is kept with the state, apart from those of other stores", async () => {
    await using folder = await makeFolder("notebook");
    const place = `${folder.path}/state.db`;
    const state = await openState(place, { realm: "acme", mode: "write", initialise: true });
    await notebookOf(state, "badges").write({ a: "1", b: "2" });
    await notebookOf(state, "badges").write({ a: undefined });
    await state.close();
    const again = await openState(place, { realm: "acme", mode: "read" });
    expect(await notebookOf(again, "badges").read()).toEqual(new Map([["b", "2"]]));
    expect(await notebookOf(again, "doors").read()).toEqual(new Map());
    await again.close();
  });

  it("of a state that is only read keeps what is written for itself", async () => {
    await using folder = await makeFolder("notebook");
    const place = `${folder.path}/state.db`;
    const writer = await openState(place, { realm: "acme", mode: "write", initialise: true });
    await notebookOf(writer, "badges").write({ a: "1", b: "2" });
    const reader = await openState(place, { realm: "acme", mode: "read" });
    const notebook = notebookOf(reader, "badges");
    await notebook.write({ a: undefined, c: "3" });
    expect(await notebook.read()).toEqual(
      new Map([
        ["b", "2"],
        ["c", "3"],
      ]),
    );
    expect(await notebookOf(reader, "badges").read()).toEqual(
      new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
    );
    await reader.close();
    await writer.close();
  });
});
