import { z } from "zod";
import { StoreError } from "../errors.ts";
import type { Notebook } from "../notebook.ts";

const dropped = z.object({
  name: z.string(),
  /** When its content was last changed, in milliseconds since the epoch. */
  changed: z.number(),
});

/** A file of a drop folder. */
export type Dropped = Readonly<z.output<typeof dropped>>;

/** Which file of a drop folder was read last, kept in a notebook, or as long as this object where there is none. Throws `Unavailable`. */
export class LastRead {
  readonly #folder: string;
  readonly #notebook: Notebook | undefined;
  readonly #key: string;
  #own: string | undefined;

  constructor(folder: string, notebook: Notebook | undefined) {
    this.#folder = folder;
    this.#notebook = notebook;
    this.#key = `newest file of ${folder}`;
  }

  async get(): Promise<Dropped | undefined> {
    return this.#guarded(`tell which file of ${this.#folder} was read last`, async () => {
      const text = this.#notebook ? (await this.#notebook.read()).get(this.#key) : this.#own;
      return text === undefined ? undefined : parsed(text);
    });
  }

  async set(file: Dropped): Promise<void> {
    const text = JSON.stringify(file);
    await this.#guarded(`remember that ${file.name} of ${this.#folder} was read`, async () => {
      if (this.#notebook) await this.#notebook.write({ [this.#key]: text });
      else this.#own = text;
    });
  }

  async #guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StoreError("Unavailable", `cannot ${what}: ${why}`, { cause });
    }
  }
}

function parsed(text: string): Dropped {
  try {
    return dropped.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error("it is not as it was written; restore the state from a backup", { cause });
  }
}
