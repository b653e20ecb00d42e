import type { Ended } from "../rollcall-process.ts";

/** A connector's sample manifests (manifests/examples) and a store that they can be applied to. */
export interface Example {
  /** The folder below manifests/examples, as below src/connectors. */
  readonly folder: string;
  /** Starts the store; `manifests` is where the reader has the sample. */
  start(manifests: string): Promise<ExampleStore>;
  /** What `read` gives once the sample is applied. */
  readonly holds: readonly string[];
}

export interface ExampleStore extends AsyncDisposable {
  /** The credentials that the sample refers to. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the reader says on the command line beside the sample's place. Default: nothing. */
  readonly options?: readonly string[];
  /** What the reader has in the place of what the sample says, such as an address. */
  readonly own: Readonly<Record<string, string>>;
  /** What people do once the sample was applied, where they change the store; `run` runs rollcall on it. */
  finish?(run: (...words: string[]) => Promise<Ended>): Promise<void>;
  /** Who is there and what they hold, by the store's own tool: `ada: lab, staff`. */
  read(): Promise<readonly string[]>;
}
