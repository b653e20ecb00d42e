import type { Resource, Snapshot } from "../../core/kinds/resource.ts";
import { getOrAdd } from "../../core/model/maps.ts";
import { exportNoteKey, exportNotesIn, notesOfExport } from "../../report/export-notes.ts";
import type { Complete } from "../../resources/resources.ts";
import type { ExportDesk } from "./desk.ts";
import { type ExportParts, openExport, type Pages } from "./open.ts";
import { type ExportReport, reported, writeExport } from "./run.ts";
import { ExportSchedule, type LastExport } from "./schedule.ts";

export interface ExportsParts extends Omit<ExportParts, "complete"> {
  /** Absent: no files are written. */
  readonly desk: ExportDesk | undefined;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told of each export that was written, or could not be. */
  readonly tell: (report: ExportReport) => void;
}

/**
 * The exports of a controller: each is begun when it is due, one at a time, and written while targets are run. Whoever declared it may
 * take its time over it; nobody's account waits for it.
 */
export class Exports {
  readonly #parts: ExportsParts;
  #schedules: ReadonlyMap<string, ExportSchedule> = new Map();
  #complete: Complete = { ok: false, reason: "the manifests were not read yet" };
  /** Who asked for one and waits, by its name. */
  readonly #asked = new Map<string, PromiseWithResolvers<ExportReport>>();
  #underWay: Promise<void> | undefined;
  /** What ended one and was not its own fault. */
  #broken: { readonly error: unknown } | undefined;

  constructor(parts: ExportsParts) {
    this.#parts = parts;
  }

  /** Takes the exports that are in force. One that is not valid now, or may be gone, is not written: its file stays as it is. */
  async load(loaded: { readonly snapshot: Snapshot; readonly complete: Complete }): Promise<void> {
    const { desk } = this.#parts;
    if (!desk) return;
    const { snapshot, complete } = loaded;
    this.#complete = complete;
    const schedules = new Map<string, ExportSchedule>();
    for (const [name, { resource, standing }] of snapshot.objects.Export) {
      if (standing.status !== "Current") continue;
      const known = this.#schedules.get(name);
      const isSame = known?.resource.digest === resource.digest;
      schedules.set(name, isSame ? known : new ExportSchedule(resource, await this.#last(resource, desk)));
    }
    this.#schedules = schedules;
    for (const name of this.#asked.keys()) schedules.get(name)?.insist();
  }

  /** When each was last written (ms), and how often it is to be (ms); 0: never, as far as anybody knows. */
  get times(): ReadonlyMap<string, { readonly lastAt: number; readonly every: number }> {
    return this.#schedules;
  }

  /** A person asks for it: it is written by the next steps. Resolves with what came of it. */
  insist(name: string): Promise<ExportReport> {
    this.#schedules.get(name)?.insist();
    return getOrAdd(this.#asked, name, () => Promise.withResolvers<ExportReport>()).promise;
  }

  /** When one of them is due (ms). While one is written none is: `ended` of `step` tells. */
  nextAt(now: number): number {
    if (this.#underWay) return Number.POSITIVE_INFINITY;
    return Math.min(...[...this.#schedules.values()].map((schedule) => schedule.nextAt(now)));
  }

  /**
   * Begins one that is due, in the engine's turn; it goes on by itself, and calls `ended`. Throws what ended the one before and was not
   * its own fault: a state that is away.
   */
  async step(ended: () => void): Promise<void> {
    const broken = this.#broken;
    this.#broken = undefined;
    if (broken) throw broken.error;
    const now = this.#parts.now();
    if (this.#underWay) return;
    const [due] = [...this.#schedules.values()]
      .filter((schedule) => schedule.nextAt(now) <= now)
      .sort((a, b) => a.lastAt - b.lastAt);
    if (!due) return;
    const { name } = due.resource;
    // Who asks from here on wants to see what is there then.
    const asked = this.#asked.get(name);
    this.#asked.delete(name);
    due.begin();
    const parts = { ...this.#parts, complete: () => this.#complete };
    const opened = await openExport(parts, due.resource.spec).then(
      (pages) => ({ pages }),
      (error: unknown) => ({ error }),
    );
    this.#underWay = this.#write(due, opened, asked)
      .catch((error: unknown) => {
        if (this.#parts.stop.aborted) return;
        this.#broken = { error };
        if (asked) void this.insist(name).then(asked.resolve);
      })
      .finally(() => {
        this.#underWay = undefined;
        ended();
      });
  }

  /** Resolves when none is written any longer; `stop` ends the one that is. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async #write(
    schedule: ExportSchedule,
    opened: { readonly pages: Pages } | { readonly error: unknown },
    asked: PromiseWithResolvers<ExportReport> | undefined,
  ): Promise<void> {
    const { now, desk, tell, random, state, stop } = this.#parts;
    const { resource } = schedule;
    const report = await reported(resource, now, () => {
      if ("error" in opened) throw opened.error;
      return writeExport(resource.spec, opened.pages, desk!);
    });
    if (stop.aborted && report.error) return;
    const { name, digest } = resource;
    if (report.written) schedule.written({ at: report.at, digest });
    else schedule.failed(now(), random());
    await state.setNotes(exportNoteKey(name), notesOfExport(digest, report));
    tell(report);
    // Whoever asked looks at what was told, such as a status, once this is answered.
    asked?.resolve(report);
  }

  async #last({ name, spec }: Resource<"Export">, desk: ExportDesk): Promise<LastExport | undefined> {
    // A disk may be lost that the state outlives, as a container's own.
    if (!(await desk.has(spec.file))) return undefined;
    return exportNotesIn(await this.#parts.state.notes(exportNoteKey(name))).last;
  }
}
