import { Environment } from "@marcbachmann/cel-js";
import { Clear } from "./context.ts";
import { type ViewName, viewClasses, viewTypes } from "./identity-value.ts";
import { macroFunctions } from "./macros.ts";
import { textFunctions } from "./text-functions.ts";

/** How large a source may be, in characters, and how deeply it may nest. */
export const sourceLimits = { length: 4096, nodes: 2000, depth: 32, callArguments: 32 } as const;

/** CEL with what Rollcall declares in it, and these variables, by their types. Costly to make: made once. */
export function createEnvironment(variables: Readonly<Record<string, string>>): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: {
      maxAstNodes: sourceLimits.nodes,
      maxDepth: sourceLimits.depth,
      maxCallArguments: sourceLimits.callArguments,
    },
  });
  // Inner types come before those that name them.
  for (const name of (Object.keys(viewTypes) as ViewName[]).reverse()) {
    environment.registerType(name, { ctor: viewClasses[name], fields: { ...viewTypes[name] } });
  }
  environment.registerType("Clear", { ctor: Clear, fields: {} });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  for (const { signatures, run } of [...textFunctions, ...macroFunctions]) {
    for (const signature of signatures) {
      environment.registerFunction(signature, run as (...args: unknown[]) => unknown, { async: false });
    }
  }
  return environment;
}
