/** Texts by key, kept with Rollcall's state; what a run writes that may only read the state lasts as long as the run. */
export interface Notebook {
  /** Another one where the state is another. */
  readonly id: string;
  read(): Promise<ReadonlyMap<string, string>>;
  /** Puts texts, and takes out what is undefined: all of it, or nothing. */
  write(texts: Readonly<Record<string, string | undefined>>): Promise<void>;
}
