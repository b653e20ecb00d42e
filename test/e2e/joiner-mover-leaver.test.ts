import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startDatabaseSystem } from "../support/lifecycle/database.ts";
import { startDirectorySystem } from "../support/lifecycle/directory.ts";
import { startDomainSystem } from "../support/lifecycle/domain.ts";
import type { Holding, System } from "../support/lifecycle/system.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { ControllerProcess, rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";

let systems: readonly System[];
let place: ManifestFolder;
let controller: ControllerProcess | undefined;

beforeEach(async () => {
  systems = await Promise.all([startDatabaseSystem(), startDirectorySystem(), startDomainSystem()]);
  place = await ManifestFolder.make(...systems.flatMap(({ manifests }) => manifests));
  for (const { files } of systems)
    for (const [name, text] of Object.entries(files)) await place.writeFile(name, text);
});

afterEach(async () => {
  await controller?.end("SIGKILL");
  controller = undefined;
  await Promise.all(systems.map((system) => system[Symbol.asyncDispose]()));
  await place[Symbol.asyncDispose]();
});

const says = (department: string, lifecycle: object = {}) =>
  place.write({
    kind: "Identity",
    name: "ann",
    spec: {
      userName: "ann",
      displayName: "Ann, of Jönköping",
      name: { givenName: "Ann", familyName: "Åberg" },
      employeeNumber: "4711",
      userType: "Employee",
      ...{ department, lifecycle },
    },
  });

type Holdings = Readonly<Record<string, Holding | undefined>>;

async function holdings(): Promise<Holdings> {
  const entries = systems.map(async ({ name, read }) => [name, await read("ann")] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The same for all of the systems. */
const everywhere = <T>(value: T) => Object.fromEntries(systems.map(({ name }) => [name, value]));

/** In each system, by the file to which the password was delivered when the account was made. */
async function letIn(): Promise<readonly boolean[]> {
  const asked = systems.map(async ({ name, letsIn }) => {
    if (letsIn === undefined) return [];
    const file = await readFile(place.at(`passwords/${name}/ann`), "utf8");
    return letsIn("ann", file.trimEnd());
  });
  return (await Promise.all(asked)).flat();
}

/** What was done to ann, target by target, in the order of the journal. */
async function deeds(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { stdout } = await rollcall("journal", "-o", "json", ...place.stateWords);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const hers = lines.filter(({ identity }) => identity === "ann");
  return Object.fromEntries(
    systems.map(({ name }) => [
      name,
      hers
        .filter(({ target, result }) => target === name && result === "Done")
        .map(({ operation }) => operation),
    ]),
  );
}

/** What the manifests say by now has come true everywhere. */
interface Drive {
  readonly how: string;
  begin(): Promise<void>;
  until(comeTrue: () => Promise<void>): Promise<void>;
}

const byHand: Drive = {
  how: "planned and applied",
  begin: async () => {},
  async until(comeTrue) {
    const plan = await rollcall("plan", "--init", "-o", "json", ...place.words);
    expect(plan).toMatchObject({ code: 1 });
    const { hash } = JSON.parse(plan.stdout);
    expect(await rollcall("apply", "--plan", hash, ...place.words)).toMatchObject({ code: 0 });
    await comeTrue();
    expect(await rollcall("plan", ...place.words)).toMatchObject({ code: 0 });
  },
};

const byController: Drive = {
  how: "done by the controller",
  async begin() {
    controller = new ControllerProcess("--init", ...place.words);
    await controller.ready();
  },
  async until(comeTrue) {
    const patience = { timeout: 120_000, every: 200, what: "all stores hold what the manifests say" };
    await waitFor(() => comeTrue().then(() => true), patience);
  },
};

test.each([byHand, byController])(
  "a joiner, a mover, a leaver and a rehire in all systems at once, $how",
  { timeout: 600_000 },
  async ({ begin, until }) => {
    await says("research");
    await begin();
    await until(async () =>
      expect(await holdings()).toMatchObject(
        everywhere({ enabled: true, department: "research", groups: ["research"] }),
      ),
    );
    const joined = await holdings();
    // An id that one store assigned is an attribute in the next.
    expect(joined.app?.id).toBe("42");
    expect(joined.directory?.elsewhere).toBe(joined.app?.id);
    expect(joined.domain?.elsewhere).toBe(joined.directory?.id);
    expect(await letIn()).toEqual([true, true]);

    await says("sales");
    await until(async () =>
      expect(await holdings()).toMatchObject(
        everywhere({ enabled: true, department: "sales", groups: ["sales"] }),
      ),
    );
    // What she needs now came before what she had went.
    for (const { lastChanged } of systems) expect(await lastChanged()).toEqual(["sales", "research"]);

    await says("sales", { state: "Inactive" });
    await until(async () =>
      expect(await holdings()).toMatchObject(everywhere({ enabled: false, groups: [] })),
    );
    expect(await letIn()).toEqual([false, false]);

    const done = ["Create", "Grant", "Update", "Grant", "Revoke", "Disable", "Revoke", "Enable", "Grant"];
    await says("sales");
    await until(async () => {
      expect(await holdings()).toMatchObject(everywhere({ enabled: true, groups: ["sales"] }));
      // In the domain who is disabled is moved away, and moved back. The journal has it a moment after the stores.
      expect(await deeds()).toEqual({ ...everywhere(done), domain: done.toSpliced(7, 0, "Update") });
    });
    const ids = (of: Holdings) => Object.values(of).map((holding) => [holding?.id, holding?.elsewhere]);
    expect(ids(await holdings())).toEqual(ids(joined));
    expect(await letIn()).toEqual([true, true]);
  },
);
