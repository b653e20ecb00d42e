import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { ClosingLineReporter } from "./test/support/closing-line-reporter.ts";

export default defineConfig({
  test: {
    // Each file in a process of its own: the servers it starts die with it.
    pool: "forks",
    // Tests wait for their servers a good part of the time, so two at once are worth it on any machine.
    maxWorkers: Math.max(2, availableParallelism()),
    // Far more than any test takes: on a busy machine one of a second may take ten, and is right all the same.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    globalSetup: "test/support/global-setup.ts",
    reporters: ["default", new ClosingLineReporter()],
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts", "scripts/**/*.test.ts"] } },
      { extends: true, test: { name: "outside", include: ["test/**/*.test.ts"] } },
    ],
  },
});
