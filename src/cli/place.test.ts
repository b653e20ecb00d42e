import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Folder, makeFolder } from "../../test/support/folder.ts";
import type { Context, Flag } from "./command.ts";
import { stateFlag } from "./flags.ts";
import { shownPlaceOf, statePlaceOf } from "./place.ts";

let folder: Folder;
let manifests: string;

beforeEach(async () => {
  folder = await makeFolder("place");
  manifests = join(folder.path, "manifests");
  await mkdir(manifests);
});

afterEach(() => folder.remove());

function place(flags: ReadonlyMap<Flag, string>, environment: Record<string, string> = {}): string {
  const args = {
    operands: [],
    text: (flag: Flag) => flags.get(flag),
    texts: () => [],
    has: (flag: Flag) => flags.has(flag),
  };
  return statePlaceOf({ args, environment } as unknown as Context, manifests);
}

describe("the state's place", () => {
  test("is what --state says, before ROLLCALL_STATE, before the folder's own", () => {
    const environment = { ROLLCALL_STATE: "/b/state.db", XDG_STATE_HOME: "/home" };
    expect(place(new Map([[stateFlag, "/a/state.db"]]), environment)).toBe("/a/state.db");
    expect(place(new Map(), environment)).toBe("/b/state.db");
    expect(place(new Map(), { XDG_STATE_HOME: "/home" })).toMatch(
      /^\/home\/rollcall\/[0-9a-f]{16}\/state\.db$/,
    );
    expect(place(new Map(), { HOME: "/me" })).toMatch(/^\/me\/\.local\/state\/rollcall\//);
  });

  test("may be a database", () => {
    expect(place(new Map([[stateFlag, "postgres://me:secret@db/x"]]))).toBe("postgres://me:secret@db/x");
  });

  test("is never inside the manifest folder, not even through a link, whether it exists yet or not", async () => {
    await symlink(manifests, join(folder.path, "link"));
    for (const path of ["manifests/state.db", "link/deep/state.db", "manifests"])
      expect(() => place(new Map([[stateFlag, join(folder.path, path)]]))).toThrow(
        "inside the manifest folder",
      );
    expect(place(new Map([[stateFlag, join(folder.path, "manifests-state.db")]]))).toContain(
      "manifests-state.db",
    );
  });

  test("is shown without its password", () => {
    expect(shownPlaceOf("postgres://me:secret@db/x?password=secret")).toBe("postgres://me@db/x");
    expect(shownPlaceOf("/a/state.db")).toBe("/a/state.db");
  });
});
