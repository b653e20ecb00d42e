import { describe, expect, test } from "vitest";
import { company, dn, person } from "../../../test/support/company.ts";
import { manualClock } from "../../../test/support/manual-clock.ts";
import { World } from "../../../test/support/world.ts";
import { StoreError } from "../../connectors/errors.ts";
import { resolve } from "../../resources/resolve.ts";
import { StateError } from "../../state/errors.ts";
import type { State } from "../../state/state.ts";
import { Engine } from "../engine.ts";
import type { ExportDesk } from "./desk.ts";
import { Exports } from "./exports.ts";
import type { ExportReport } from "./run.ts";

const hour = 3_600_000;
const names = { name: "user", expression: "identity.userName" };
const exported = (spec: Record<string, unknown> = {}, name = "people") => ({
  kind: "Export",
  name,
  spec: {
    target: { name: "people" },
    format: "Csv",
    file: `${name}.csv`,
    columns: [names],
    schedule: { every: "1h" },
    ...spec,
  },
});

/** Exports as a controller has them, with files in memory and a clock that the test moves. */
async function setting(...manifests: ReturnType<typeof exported>[]) {
  const world = new World().put(...company(), person("ada"), ...manifests);
  await world.apply();
  return new Setting(world, await world.state());
}

class Setting {
  readonly world: World;
  readonly files = new Map<string, string>();
  readonly reports: ExportReport[] = [];
  readonly clock = manualClock();
  readonly stop = new AbortController();
  /** Replace to fail. */
  desk: ExportDesk["write"];
  #exports: Exports | undefined;
  #engine: Engine | undefined;
  readonly #state: State;

  constructor(world: World, state: State) {
    this.world = world;
    this.#state = state;
    this.desk = async (file, content) => {
      let text = "";
      let step = await content.next();
      for (; !step.done; step = await content.next()) text += Buffer.from(step.value).toString();
      this.files.set(file, text);
      return step.value;
    };
  }

  /** As a controller begins, with what the state knows. */
  async start(state: State = this.#state): Promise<void> {
    const [now, stop] = [() => this.clock.now(), this.stop.signal];
    const parts = { clock: { now }, newId: () => "id", progress: () => {}, stop };
    this.#engine = new Engine({ state: this.#state, ...parts }, this.world.stores());
    this.#exports = new Exports({
      ...{ engine: this.#engine, state, now, stop, random: () => 0 },
      desk: {
        has: async (file) => this.files.has(file),
        write: (...args) => this.desk(...args),
      },
      tell: (report) => this.reports.push(report),
    });
    await this.load();
  }

  async load(): Promise<void> {
    const { snapshot, changes } = resolve(this.world.reading(), this.world.known, this.clock.now());
    this.world.known.apply(changes);
    await this.#engine!.load(snapshot);
    await this.exports.load({ snapshot, complete: this.world.complete });
  }

  get exports(): Exports {
    return this.#exports!;
  }

  /** Writes what is due; gives the names of what was written or could not be. */
  async run(): Promise<string[]> {
    const before = this.reports.length;
    while (this.exports.nextAt(this.clock.now()) <= this.clock.now()) {
      await this.exports.step(() => {});
      await this.exports.idle();
    }
    return this.reports.slice(before).map(({ name, error }) => (error ? `${name}: ${error.kind}` : name));
  }
}

const away = () => {
  throw new StoreError("Unavailable", "the store is away");
};

describe("the exports of a controller", () => {
  test("are written at once, and then as often as each says", async () => {
    const it = await setting(exported(), exported({ schedule: { every: "30m" } }, "often"));
    await it.start();
    expect((await it.run()).sort()).toEqual(["often", "people"]);
    expect(it.files.get("people.csv")).toBe("user\r\nada\r\n");
    expect(await it.run()).toEqual([]);
    it.clock.advance(hour / 2);
    expect(await it.run()).toEqual(["often"]);
    it.clock.advance(hour / 2);
    expect((await it.run()).sort()).toEqual(["often", "people"]);
  });

  test("are not written again because the controller was started again", async () => {
    const it = await setting(exported());
    await it.start();
    await it.run();
    it.clock.advance(hour / 2);
    await it.start();
    expect(await it.run()).toEqual([]);
    it.clock.advance(hour / 2);
    expect(await it.run()).toEqual(["people"]);
  });

  test("are written at once where the file is not there when the controller starts", async () => {
    const it = await setting(exported());
    await it.start();
    await it.run();
    it.files.clear();
    await it.start();
    expect(await it.run()).toEqual(["people"]);
  });

  test("are written at once when they were edited", async () => {
    const it = await setting(exported());
    await it.start();
    await it.run();
    it.world.put(exported({ columns: [{ name: "name", expression: "account.name" }] }));
    await it.load();
    expect(await it.run()).toEqual(["people"]);
    expect(it.files.get("people.csv")).toBe(`name\r\n"${dn("ada")}"\r\n`);
  });

  test("that have no schedule, or are suspended, wait until somebody asks", async () => {
    const it = await setting(exported({ schedule: undefined }), exported({ suspend: true }, "resting"));
    await it.start();
    expect(await it.run()).toEqual([]);
    const answers = Promise.all(["people"].map((name) => it.exports.insist(name)));
    expect(await it.run()).toEqual(["people"]);
    expect(await answers).toMatchObject([{ name: "people", written: { rows: 1 } }]);
  });

  test("are told of before whoever asked is answered: what is told last is not older than the answer", async () => {
    const it = await setting(exported());
    await it.start();
    const told = it.exports.insist("people").then(() => it.reports.length);
    await it.run();
    expect(await told).toBe(1);
  });

  test("are written once more for somebody who asks while one is written: that may miss what they did before", async () => {
    const it = await setting(exported());
    await it.start();
    const write = it.desk;
    const asked = Promise.withResolvers<Promise<ExportReport>>();
    it.desk = async (...args) => {
      it.desk = write;
      const written = await write(...args);
      it.clock.advance(1_000);
      asked.resolve(it.exports.insist("people"));
      return written;
    };
    const first = it.exports.insist("people");
    expect(await it.run()).toEqual(["people", "people"]);
    expect((await await asked.promise).at).toBe((await first).at + 1_000);
  });

  test("leave their files as they are while the manifest is not valid, and after it is gone", async () => {
    const it = await setting(exported());
    await it.start();
    await it.run();
    it.clock.advance(hour);
    it.world.invalid.set("Export/people", "broken");
    await it.load();
    expect(await it.run()).toEqual([]);
    it.world.invalid.clear();
    it.world.remove("Export/people");
    await it.load();
    expect(await it.run()).toEqual([]);
    expect([...it.files.keys()]).toEqual(["people.csv"]);
  });

  test("are tried again, ever more rarely, while they fail; the old file stays, and others are written", async () => {
    const it = await setting(exported(), exported({ target: undefined, identities: {} }, "everybody"));
    it.world.store.faults = { call: away };
    await it.start();
    expect((await it.run()).sort()).toEqual(["everybody", "people: Unavailable"]);
    expect(it.files.has("people.csv")).toBe(false);
    const waits: number[] = [];
    for (let tries = 0; tries < 4; tries++) {
      waits.push(it.exports.nextAt(it.clock.now()) - it.clock.now());
      it.clock.advance(waits.at(-1)!);
      expect(await it.run()).toEqual(["people: Unavailable"]);
    }
    expect(waits).toEqual([2_500, 5_000, 10_000, 20_000]);
    it.world.store.faults = {};
    it.clock.advance(40_000);
    expect(await it.run()).toEqual(["people"]);
  });

  test("fail by themselves where a file cannot be written", async () => {
    const it = await setting(exported());
    it.desk = async (_file, content) => {
      await content.next();
      throw new StoreError("Denied", "cannot write people.csv: EROFS");
    };
    await it.start();
    expect(await it.run()).toEqual(["people: Denied"]);
  });

  test("tell of a state that is away by the next step, and are written once it is back", async () => {
    const it = await setting(exported());
    const state = await it.world.state();
    let setNotes: State["setNotes"] = () =>
      Promise.reject(new StateError("Unavailable", "the state is away"));
    const down: State = Object.create(state, {
      setNotes: { value: (...notes: Parameters<State["setNotes"]>) => setNotes(...notes) },
      notes: { value: (target: string) => state.notes(target) },
    });
    await it.start(down);
    const answer = it.exports.insist("people");
    await it.exports.step(() => {});
    await it.exports.idle();
    await expect(it.exports.step(() => {})).rejects.toThrow("the state is away");
    setNotes = (...notes) => state.setNotes(...notes);
    expect(await it.run()).toEqual(["people"]);
    expect(await answer).toMatchObject({ written: { rows: 1 } });
  });

  test("end when the controller is stopped: what was begun is told of by nobody", async () => {
    const it = await setting(exported());
    it.desk = async (_file, content) => {
      it.stop.abort();
      await content.next();
      await content.next();
      throw new Error("it went on");
    };
    await it.start();
    await it.exports.step(() => {});
    await it.exports.idle();
    expect(it.reports).toEqual([]);
    await it.exports.step(() => {});
  });

  test("run beside the targets: whoever ends one calls back", async () => {
    const it = await setting(exported());
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const write = it.desk;
    it.desk = async (...args) => {
      await held;
      return write(...args);
    };
    await it.start();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    await it.exports.step(end);
    expect(it.exports.nextAt(it.clock.now())).toBe(Number.POSITIVE_INFINITY);
    expect(it.files.size).toBe(0);
    release();
    await ended;
    expect([...it.files.keys()]).toEqual(["people.csv"]);
  });
});
