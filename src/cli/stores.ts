import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConnectorEnvironment, ConnectorType, CredentialRef } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import { systemClock } from "../connectors/wrap/clock.ts";
import { type Care, careFor, usualCare } from "../connectors/wrap/connection.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { parseDuration } from "../core/model/duration.ts";
import type { Stores } from "../engine/engine.ts";
import { isInside, realPathOf } from "./place.ts";

export interface StoreAccess {
  readonly connectors: readonly ConnectorType[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files that manifests name lie below this real path. */
  readonly root: string;
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
  return {
    connect: (store) =>
      careFor(
        typeOf(store).connect(store.spec.block.config, connectorEnvironment(access)),
        careOf(store, access),
      ),
    target: (connection, store, target) =>
      connection.target({
        block: targetBlock(typeOf(store), target),
        attributes: [
          ...new Set([
            ...Object.keys(target.spec.accounts.attributes),
            ...target.spec.accounts.match.flatMap(({ keys }) => keys),
          ]),
        ],
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

function connectorEnvironment(access: StoreAccess): ConnectorEnvironment {
  return {
    secret: async (reference) => secretOf(reference, access),
    path: (path) => pathBelow(access.root, path),
  };
}

function secretOf(reference: CredentialRef, { environment, root }: StoreAccess): string {
  const refuse = (message: string) => new StoreError("Unauthenticated", message);
  if (reference.env !== undefined) {
    const value = environment[reference.env];
    if (value) return value;
    throw refuse(`cannot read a credential from the environment: set ${reference.env}`);
  }
  if (reference.file !== undefined) {
    const path = pathBelow(root, reference.file);
    try {
      return readFileSync(path, "utf8").replace(/\r?\n$/, "");
    } catch (error) {
      const cause = (error as NodeJS.ErrnoException).code;
      throw refuse(`cannot read a credential from the file ${path}: ${cause}; put it there, readable by you`);
    }
  }
  const name = reference.secretKeyRef?.name;
  throw refuse(`cannot read the Secret ${name} without a cluster: use { file: … } or { env: … } in a folder`);
}

function pathBelow(root: string, path: string): string {
  const real = realPathOf(resolve(root, path));
  if (isInside(real, root)) return real;
  throw new StoreError(
    "Denied",
    `cannot use the file ${path}: it lies outside ${root}; name a wider folder with --root`,
  );
}
