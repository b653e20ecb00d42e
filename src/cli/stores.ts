import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConnectorEnvironment, ConnectorType, CredentialRef } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import type { Notebook } from "../connectors/notebook.ts";
import { systemClock } from "../connectors/wrap/clock.ts";
import { type Care, careFor, usualCare } from "../connectors/wrap/connection.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { parseDuration } from "../core/model/duration.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { Stores } from "../engine/stores.ts";
import { passwordDesk, type SecretWriter } from "./passwords/desk.ts";
import { isInside, realPathOf } from "./place.ts";

export interface StoreAccess {
  readonly connectors: readonly ConnectorType[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files that manifests name lie below this real path; undefined: none may be named. */
  readonly root: string | undefined;
  /** ODBC drivers that Stores may name. Absent: none. */
  readonly odbcDrivers?: readonly string[];
  /** The folder of the manifests, a real path, where there is one. */
  readonly manifests?: string;
  /** Where a store's records are kept. */
  readonly notebook?: (store: string) => Notebook;
  /** Reads a Secret's key for a Store, in a cluster. */
  readonly secret?: (reference: SecretKeyRef, store: string) => Promise<string>;
  /** Writes a password into a Secret, in a cluster. */
  readonly writeSecret?: SecretWriter;
  /** Told of every call that was sent to a store. */
  readonly tell?: (store: string, ...call: Parameters<Care["tell"]>) => void;
}

/** Opens stores by the connectors there are, each with retries, limits and measures around it. */
export function storesOf(access: StoreAccess): Stores {
  const typeOf = (store: Resource<"Store">): ConnectorType => {
    const { connector } = store.spec.block;
    const type = access.connectors.find(({ name }) => name === connector);
    if (!type) throw new StoreError("Invalid", `Store/${store.name} has no connector ${connector}`);
    return type;
  };
  const memories = new Map<string, Map<string, unknown>>();
  const environmentOf = (store: string): ConnectorEnvironment => ({
    ...connectorEnvironment(access, store),
    memory: getOrAdd(memories, store, () => new Map()),
  });
  return {
    connect: (store) =>
      careFor(
        typeOf(store).connect(store.spec.block.config, environmentOf(store.name)),
        careOf(store, access),
      ),
    target: (connection, store, target, more = []) =>
      connection.target({
        block: targetBlock(typeOf(store), target),
        attributes: [
          ...new Set([
            ...Object.keys(target.spec.accounts.attributes),
            ...target.spec.accounts.match.flatMap(({ keys }) => keys),
            ...more,
          ]),
        ],
      }),
    passwords: (store, target) =>
      passwordDesk({
        root: access.root,
        manifests: access.manifests,
        call: target.spec.passwords?.initial?.deliver.call,
        writeSecret: access.writeSecret,
        secret: (reference) => secretOf(reference, access, store.name),
      }),
  };
}

function targetBlock(type: ConnectorType, target: Resource<"Target">): unknown {
  const { block } = target.spec;
  if (block && block.connector !== type.name)
    throw new StoreError(
      "Invalid",
      `Target/${target.name} has a block ${block.connector}, its store is of ${type.name}: write a block ${type.name}`,
    );
  const parsed = type.targetSchema.safeParse(block?.config ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${[type.name, ...path].join(".")}: ${message}`,
  );
  throw new StoreError("Invalid", `Target/${target.name} needs a block ${type.name}: ${faults.join("; ")}`);
}

function careOf(store: Resource<"Store">, { tell }: StoreAccess): Care {
  const { concurrency, perSecond, timeout } = store.spec.traffic ?? {};
  return {
    ...usualCare,
    ...(timeout === undefined ? {} : { timeout: parseDuration(timeout) }),
    limits: { concurrency: concurrency ?? usualCare.limits.concurrency, perSecond },
    clock: systemClock,
    random: Math.random,
    tell: (...call) => tell?.(store.name, ...call),
  };
}

function connectorEnvironment(access: StoreAccess, store: string): ConnectorEnvironment {
  return {
    secret: (reference) => secretOf(reference, access, store),
    path: (path) => pathBelow(access.root, path),
    odbcDrivers: access.odbcDrivers ?? [],
    ...(access.notebook && { notebook: access.notebook(store) }),
  };
}

type SecretKeyRef = NonNullable<CredentialRef["secretKeyRef"]>;

async function secretOf(reference: CredentialRef, access: StoreAccess, store: string): Promise<string> {
  const { environment, root, secret } = access;
  if (reference.file !== undefined) return secretInFile(pathBelow(root, reference.file));
  if (secret) {
    // The environment is the controller's own: whoever writes a Store in a namespace may not read from it.
    if (!reference.secretKeyRef)
      throw refused(
        `cannot read ${reference.env} from the environment in a cluster: use { secretKeyRef: … }`,
      );
    try {
      return await secret(reference.secretKeyRef, store);
    } catch (error) {
      throw refused((error as Error).message);
    }
  }
  if (reference.env === undefined)
    throw refused(
      `cannot read the Secret ${reference.secretKeyRef?.name} without a cluster: use { file: … } or { env: … } in a folder`,
    );
  const value = environment[reference.env];
  if (value) return value;
  throw refused(`cannot read a credential from the environment: set ${reference.env}`);
}

function secretInFile(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code;
    throw refused(`cannot read a credential from the file ${path}: ${cause}; put it there, readable by you`);
  }
}

function refused(message: string): StoreError {
  return new StoreError("Unauthenticated", message);
}

function pathBelow(root: string | undefined, path: string): string {
  if (root === undefined)
    throw new StoreError("Denied", `cannot use the file ${path}: the controller has no --root to look below`);
  const real = realPathOf(resolve(root, path));
  if (isInside(real, root)) return real;
  throw new StoreError(
    "Denied",
    `cannot use the file ${path}: it lies outside ${root}; name a wider folder with --root`,
  );
}
