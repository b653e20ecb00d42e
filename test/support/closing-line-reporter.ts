import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends the output with a line for machines: `N passed, N failed`. Whatever else goes wrong (a file that does not load, an error outside
 * of any test) counts as a failure, so that the line never looks better than the run was.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const line = closingLine(modules, unhandledErrors.length);
    // Other reporters print their summary in this same event; the last line has to come after them.
    process.once("exit", () => process.stdout.write(`${line}\n`));
  }
}

export function closingLine(modules: readonly TestModule[], otherErrors: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const passed = tests.filter((test) => test.result().state === "passed").length;
  const failed = tests.filter((test) => test.result().state === "failed").length;
  // A failed beforeAll leaves its tests undone, so they do not count for themselves.
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = suites.filter((suite) => suite.errors().length > 0).length;
  return `${passed} passed, ${failed + broken + otherErrors} failed`;
}
