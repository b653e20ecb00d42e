import { z } from "zod";
import {
  type AccessProfileSpec,
  accessProfileSpec,
  type BusinessRoleSpec,
  businessRoleSpec,
  type GrantSpec,
  grantSpec,
} from "./access.ts";
import { exactlyOne, notBoth } from "./common.ts";
import { type ExportSpec, exportSpec } from "./export.ts";
import { type IdentitySpec, identitySpec } from "./identity.ts";
import { type StoreCommon, storeCommon } from "./store.ts";
import { type TargetCommon, targetCommon } from "./target.ts";

export const apiVersion = "rollcall.dev/v1alpha1";

/** What the kinds need to know of a connector: the name of its block and the two schemas. */
export interface ConnectorBlocks {
  readonly name: string;
  readonly storeSchema: z.ZodType;
  readonly targetSchema: z.ZodType;
  /** What is in its stores is nothing but what people say that they did. */
  readonly isRecord?: true;
}

/** A connector's block, told apart by its connector's name. */
export interface Block {
  readonly connector: string;
  readonly config: unknown;
  /** As its connector's. */
  readonly isRecord?: true;
}

export interface StoreSpec extends StoreCommon {
  readonly block: Block;
}

export interface TargetSpec extends TargetCommon {
  /** Absent where the connector's defaults will do. */
  readonly block: Block | undefined;
}

export interface Specs {
  readonly Identity: IdentitySpec;
  readonly BusinessRole: BusinessRoleSpec;
  readonly AccessProfile: AccessProfileSpec;
  readonly Grant: GrantSpec;
  readonly Store: StoreSpec;
  readonly Target: TargetSpec;
  readonly Export: ExportSpec;
}

export type KindName = keyof Specs;

/** All kinds, in the order in which they are documented. */
export const kindNames = [
  "Identity",
  "BusinessRole",
  "AccessProfile",
  "Grant",
  "Store",
  "Target",
  "Export",
] as const satisfies readonly KindName[];

/** Kinds that decide, beside the identities, who has which account: an edit of one has to settle before something is removed for it. */
export const decidingKinds = [
  "BusinessRole",
  "AccessProfile",
  "Grant",
  "Store",
  "Target",
] as const satisfies readonly KindName[];

/** What the API server calls the objects of each kind that it serves. */
export const plurals = {
  Identity: "identities",
  BusinessRole: "businessroles",
  AccessProfile: "accessprofiles",
  Grant: "grants",
  Store: "stores",
  Target: "targets",
  Export: "exports",
  Approval: "approvals",
  ProvisioningTask: "provisioningtasks",
} as const;

/** The kinds that the API server serves: those of manifests, and those by which people and the controller talk. */
export type ApiKindName = keyof typeof plurals;

/** Whether decisions are made from objects of this kind: what is missing of it was taken away by somebody. */
export function isManifestKind(kind: ApiKindName): kind is KindName {
  return (kindNames as readonly ApiKindName[]).includes(kind);
}

/** A kind as the API server serves it. `plural` and `short` are kubectl's names for it. */
export interface ApiKind<N extends ApiKindName = ApiKindName> {
  readonly name: N;
  readonly plural: string;
  readonly short: string;
  readonly summary: string;
  readonly spec: z.ZodType;
}

/** A kind of manifests, as validated, generated and documented. */
export type Kind<K extends KindName = KindName> = ApiKind<K>;

/** All kinds, the connectors' blocks put in. The only place where kinds and connectors meet. */
export function kinds(connectors: readonly ConnectorBlocks[]): readonly Kind[] {
  const names = connectors.map((connector) => connector.name);
  const blocks = (which: "storeSchema" | "targetSchema") =>
    Object.fromEntries(
      connectors.map(({ name, [which]: block }) => [
        name,
        block.optional().describe(block.description ?? `What the ${name} connector needs to know.`),
      ]),
    );
  return [
    {
      name: "Identity",
      plural: plurals.Identity,
      short: "ident",
      summary: "Who somebody (or some machine) is.",
      spec: identitySpec,
    },
    {
      name: "BusinessRole",
      plural: plurals.BusinessRole,
      short: "brole",
      summary: "A job function: its members by rule, and the access profiles it gives.",
      spec: businessRoleSpec,
    },
    {
      name: "AccessProfile",
      plural: plurals.AccessProfile,
      short: "aprof",
      summary: "Entitlements in one target, given together.",
      spec: accessProfileSpec,
    },
    {
      name: "Grant",
      plural: plurals.Grant,
      short: "grant",
      summary: "One piece of access for one identity, for a time and a reason.",
      spec: grantSpec,
    },
    {
      name: "Store",
      plural: plurals.Store,
      short: "store",
      summary: "How to connect to one system, and what may be touched there.",
      spec: exactlyOne(z.object({ ...storeCommon, ...blocks("storeSchema") } as z.ZodRawShape), names),
    },
    {
      name: "Target",
      plural: plurals.Target,
      short: "target",
      summary: "How accounts are provisioned into a store.",
      spec: notBoth(
        z.object({ ...targetCommon, ...blocks("targetSchema") }),
        ...(["tasks", "passwords", "no password can be set in a store that people change"] as const),
      ),
    },
    {
      name: "Export",
      plural: plurals.Export,
      short: "export",
      summary: "A file that says what the accounts of a target, or the identities, are.",
      spec: exportSpec,
    },
  ];
}

/** Folds the connector's block of a parsed Store or Target spec into `block`, whatever the connector. */
export function withBlock(
  spec: Record<string, unknown>,
  connectors: readonly ConnectorBlocks[],
): Record<string, unknown> & { block: Block | undefined } {
  const connector = connectors.find(({ name }) => spec[name] !== undefined);
  if (!connector) return { ...spec, block: undefined };
  const { name, isRecord } = connector;
  const { [name]: config, ...rest } = spec;
  return { ...rest, block: { connector: name, config, ...(isRecord && { isRecord }) } };
}
