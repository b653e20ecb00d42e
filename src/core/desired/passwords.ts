import { compile, type Expression, isProblem } from "../expression/compile.ts";
import type { EvaluationContext } from "../expression/context.ts";
import type { Results } from "../expression/result.ts";
import type { Passwords } from "../kinds/passwords.ts";
import type { PasswordPlace } from "../model/password.ts";

/** A target's passwords made ready. */
export interface PasswordModel {
  /** Generated for accounts that are created, or read from where they are kept. */
  readonly how: "Generated" | "Read";
  readonly place: (context: EvaluationContext) => PasswordPlace | undefined | { readonly held: string };
  readonly mustChange: boolean;
  /** Whether an account that is enabled again gets another one. */
  readonly resetsOnEnable: boolean;
}

/** What should be of one account's password. Absent: it is left alone. */
export type DesiredPassword =
  | { readonly how: PasswordModel["how"]; readonly place: PasswordPlace }
  | { readonly how: "Held"; readonly reason: string };

/** Adds what is wrong to `problems`. */
export function passwordModel(spec: Passwords | undefined, problems: string[]): PasswordModel | undefined {
  const { initial, from } = spec ?? {};
  if (initial)
    return {
      how: "Generated",
      place: placeIn("spec.passwords.initial.deliver", initial.deliver, problems),
      mustChange: initial.mustChange,
      resetsOnEnable: initial.onEnable === "Reset",
    };
  if (!from) return undefined;
  const place = placeIn("spec.passwords.from", from, problems);
  return { how: "Read", place, mustChange: false, resetsOnEnable: false };
}

export function desiredPassword(
  model: PasswordModel | undefined,
  context: EvaluationContext,
): DesiredPassword | undefined {
  const place = model?.place(context);
  if (!model || place === undefined) return undefined;
  if ("held" in place) return { how: "Held", reason: place.held };
  return { how: model.how, place };
}

type Deliver = NonNullable<Passwords["initial"]>["deliver"];

function placeIn(
  field: string,
  { secret, file, call }: Pick<Deliver, "secret" | "file" | "call">,
  problems: string[],
): PasswordModel["place"] {
  if (call) return () => ({ kind: "Call", url: call.url });
  const of = secret ? `${field}.secret.name` : `${field}.file.path`;
  const compiled = compile((secret?.name ?? file?.path)?.expression ?? "null", { result: "name" });
  if (isProblem(compiled)) {
    problems.push(`${of}: ${compiled.message}`);
    return () => undefined;
  }
  return (context) => {
    const name = nameBy(compiled, context);
    if (name === undefined) return undefined;
    if (typeof name !== "string") return { held: `${of} ${name.held}` };
    if (secret) return { kind: "Secret", name, key: secret.key };
    return isPlain(name) ? { kind: "File", path: name } : { held: `${of} must give a path without ..` };
  };
}

/** Whether it stays below the folder that it begins with: what an identity says must not lead out of it. */
function isPlain(path: string): boolean {
  return path.split("/").every((step) => step !== "" && step !== "." && step !== "..");
}

function nameBy(
  expression: Expression<Results["name"]>,
  context: EvaluationContext,
): string | undefined | { readonly held: string } {
  const result = expression.evaluate(context);
  if (!result.ok) return { held: result.message };
  const { value } = result;
  if (value === null || typeof value === "string") return value ?? undefined;
  return { held: "waits for another account: use what the identity says" };
}
