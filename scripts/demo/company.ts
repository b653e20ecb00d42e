import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

const samples = fileURLToPath(new URL("../../manifests/demo/", import.meta.url));

/** The demo's folder: a company's manifests, and the stores that are to follow them. */
export class Company {
  readonly folder: string;
  /** What the commands are given besides our own environment. */
  readonly environment: Record<string, string> = {};

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Begins anew: what an earlier demo left goes. */
  found(): void {
    if (existsSync(this.folder) && !existsSync(this.path("output")))
      throw new Error(
        `${this.folder} is in the way, and no demo has made it: move it, or run the demo elsewhere`,
      );
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.path("output"), { recursive: true });
    cpSync(join(samples, "company"), this.path("manifests"), { recursive: true });
    cpSync(join(samples, "stores"), this.path("stores"), { recursive: true });
    this.sql(readFileSync(this.path("stores/orders.sql"), "utf8"));
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  write(file: string, text: string): void {
    writeFileSync(this.path(file), text);
  }

  /** Brings a further system's manifests in, edited on the way. */
  add(system: string, file: string, edit: (text: string) => string): void {
    mkdirSync(this.path("manifests", system), { recursive: true });
    this.write(join("manifests", system, file), edit(readFileSync(join(samples, system, file), "utf8")));
  }

  sample(file: string): string {
    return readFileSync(join(samples, file), "utf8");
  }

  /** Replaces a line of one object's manifest. */
  edit(file: string, of: string, from: string, to: string): void {
    const objects = this.read(join("manifests", file)).split(/^---\n/m);
    const at = objects.findIndex((object) => object.includes(`metadata: { name: ${of} }`));
    const edited = objects[at]?.replace(`${from}\n`, `${to}\n`);
    if (edited === undefined || edited === objects[at]) throw new Error(`${file} has no "${from}" for ${of}`);
    this.write(join("manifests", file), objects.with(at, edited).join("---\n"));
  }

  move(files: readonly string[], from: string, to: string): void {
    mkdirSync(this.path(to), { recursive: true });
    for (const file of files) renameSync(this.path(from, file), this.path(to, file));
  }

  /** Somebody else's hand in the order application's database. */
  sql(statements: string): void {
    const database = new DatabaseSync(this.path("stores/orders.db"));
    database.exec(statements);
    database.close();
  }

  /** The first row's first column. */
  ask(query: string): unknown {
    const database = new DatabaseSync(this.path("stores/orders.db"), { readOnly: true });
    const row = database.prepare(query).get() ?? {};
    database.close();
    return Object.values(row)[0];
  }

  /** How many badges open doors. */
  activeBadges(): number {
    return this.read("stores/badges.csv")
      .split("\n")
      .filter((line) => line.includes(",active,")).length;
  }
}
