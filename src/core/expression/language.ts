import type { Environment } from "@marcbachmann/cel-js";
import { createEnvironment } from "./environment.ts";
import type { CelType, SyntaxNode } from "./syntax.ts";

/** What expressions are about: the identity alone, or an account or identity that is exported. */
export type Subject = "identity" | "export";

/** CEL with the variables of one subject, by their types. */
export interface Language {
  readonly environment: Environment;
  readonly variables: readonly string[];
  /** The type of what can be anything. */
  readonly anyType: CelType;
}

/** What each subject's expressions read. */
export const variableTypes = {
  identity: { identity: "Identity" },
  export: {
    identity: "Owner",
    account: "StoreAccount",
    accounts: "list<LinkedAccount>",
    access: "list<Access>",
    state: "string",
  },
} as const satisfies Readonly<Record<Subject, Readonly<Record<string, string>>>>;

export const languages: Readonly<Record<Subject, Language>> = {
  identity: languageOf(variableTypes.identity),
  export: languageOf(variableTypes.export),
};

function languageOf(types: Readonly<Record<string, string>>): Language {
  const environment = createEnvironment(types);
  const parsed = environment.parse("dyn(null)");
  parsed.check();
  const { checkedType } = parsed.ast as unknown as SyntaxNode;
  return { environment, variables: Object.keys(types), anyType: checkedType! };
}
