import { z } from "zod";

/**
 * The parts kinds are made of, in the subset of zod that gives structural Kubernetes schemas: object, array, enum, scalars, record;
 * bounds everywhere; one-of as optional blocks with a CEL rule beside the same check in zod, so that the API server and
 * directory mode give the same verdict.
 */

/** An object's name: a DNS-1123 subdomain (RFC 1123), as Kubernetes asks. */
export const objectName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    "must be lower-case letters, digits, - and ., as in alice-smith",
  );

export const text = z.string().min(1).max(1024);
export const longText = z.string().max(8192);

/** CEL source. Checked by the expression compiler, which knows the types. */
export const expression = z.string().min(1).max(4096).describe("A CEL expression.");

/** A reference to an object of the same namespace. */
export const reference = z.object({ name: objectName.describe("The object's name.") });

/** A list of references, merged by name when two writers apply it. */
export const references = (max: number) => mapList(z.array(reference).max(max), "name");

/** `30s`, `15m`, `24h`, `720h`: Go's duration syntax, as kubectl users know it. */
export const duration = z
  .string()
  .max(32)
  .regex(/^([0-9]+(ms|s|m|h))+$/, "must be a duration such as 30s, 15m or 24h");

/** A day (`2026-03-31`) or an instant (`2026-03-31T17:00:00Z`), RFC 3339. */
export const moment = z
  .string()
  .max(40)
  .regex(
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$/,
    "must be a day such as 2026-03-31 or an instant such as 2026-03-31T17:00:00Z",
  );

type Rule = { rule: string; message: string };

/** Adds a CEL rule for the API server; the caller adds the same check in zod. */
export function celRule<T extends z.ZodType>(schema: T, ...rules: Rule[]): T {
  const known = (schema.meta()?.["x-kubernetes-validations"] as Rule[] | undefined) ?? [];
  return schema.meta({ ...schema.meta(), "x-kubernetes-validations": [...known, ...rules] }) as T;
}

/** Exactly one of these optional members is set. */
export function exactlyOne<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  keys: readonly (keyof S & string)[],
) {
  const message = `must set exactly one of ${keys.join(", ")}`;
  const checked = schema.refine(
    (value) => keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined).length === 1,
    { error: message, when: ({ value }) => typeof value === "object" && value !== null },
  );
  return celRule(checked, {
    rule: `[${keys.map((key) => `has(self.${key})`).join(", ")}].filter(x, x).size() == 1`,
    message,
  }).meta({ oneOf: keys.map((key) => ({ required: [key] })) });
}

/** Not both of these optional members are set. */
export function notBoth<T extends z.ZodType>(schema: T, one: string, other: string, why: string): T {
  const message = `must not be set together with ${one}: ${why}`;
  const checked = schema.refine(
    (value) => {
      const members = value as Record<string, unknown>;
      return members[one] === undefined || members[other] === undefined;
    },
    { error: message, path: [other], when: ({ value }) => typeof value === "object" && value !== null },
  );
  return celRule(checked, {
    rule: `!has(self.${one}) || !has(self.${other})`,
    message: `${other} ${message}`,
  });
}

/** A list whose entries are told apart by one member, which server-side apply merges entry by entry. */
export function mapList<T extends z.ZodType>(list: z.ZodArray<T>, key: string) {
  const message = `must not name the same ${key} twice`;
  return list
    .refine(
      (entries) =>
        new Set(entries.map((entry) => (entry as Record<string, unknown> | null)?.[key])).size ===
        entries.length,
      { error: message, when: ({ value }) => Array.isArray(value) },
    )
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key] });
}

/** Values by name. Bounded, as the API server asks of what holds rules. */
export function record<T extends z.ZodType>(values: T, most: number) {
  const checked = z
    .record(z.string().min(1).max(256), values)
    .refine((entries) => Object.keys(entries).length <= most, `must have at most ${most} entries`)
    .meta({ maxProperties: most });
  return celRule(checked, { rule: "self.all(name, name != '')", message: "must have a name for each value" });
}

/** A credential, by reference only; the value never stands in a manifest. */
export const credential = exactlyOne(
  z.object({
    secretKeyRef: z
      .object({
        name: objectName.describe("The Secret's name."),
        key: text.describe("The key in its data."),
      })
      .optional()
      .describe("A key of a Secret, in a cluster."),
    file: text.optional().describe("A file under the operator's root."),
    env: z
      .string()
      .max(256)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable")
      .optional()
      .describe("An environment variable, with manifests in a folder."),
  }),
  ["secretKeyRef", "file", "env"],
).describe("Where a secret value is kept: a Secret's key, a file, or an environment variable.");

/** An entitlement pointed at by its name, DN or id. */
export const entitlement = z.object({
  name: text.describe("The entitlement's name in the store; its DN or id where `by` says so."),
  by: z
    .enum(["Name", "DN", "Id"])
    .default("Name")
    .describe("What `name` is: the entitlement's name, its distinguished name, or its immutable id."),
});
