import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { giveToServers, ServerProcess } from "./server-process.ts";

export interface PrometheusOptions {
  /** What to scrape: `127.0.0.1:9464`, or a URL of that host and port. Metrics are at `/metrics`. */
  readonly scrape?: readonly string[];
  /** The text of a rule file. */
  readonly rules?: string;
}

export interface PrometheusAlert {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** What an expression gives now. Throws what Prometheus says of one that it cannot evaluate. */
  query(expression: string): Promise<readonly { labels: Readonly<Record<string, string>>; value: number }[]>;
  /** The alerts that are pending or firing. */
  alerts(): Promise<readonly PrometheusAlert[]>;
  stop(): Promise<void>;
}

/** Starts a Prometheus in a throwaway folder, on a free loopback port. It is asked for nothing until it is ready. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<Prometheus> {
  const folder = await makeFolder("prometheus");
  await giveToServers(folder.path);
  const url = `http://127.0.0.1:${await freePort()}`;
  const config = join(folder.path, "prometheus.yml");
  await writeFile(config, stringify(configuration(options)));
  if (options.rules !== undefined) await writeFile(join(folder.path, "rules.yml"), options.rules);
  const server = new ServerProcess({
    name: "prometheus",
    command: "prometheus",
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    logFile: join(folder.path, "prometheus.log"),
    stopSignal: "SIGTERM",
    answers: async () => {
      if (!(await fetch(`${url}/-/ready`)).ok) throw new Error("it is not ready");
    },
  });
  await server.start();
  const stop = async () => {
    await server.end();
    await folder.remove();
  };
  return {
    url,
    query: async (expression) => {
      const path = `/api/v1/query?${new URLSearchParams({ query: expression })}`;
      const { result } = vector.parse(await ask(url + path));
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    alerts: async () => alerts.parse(await ask(`${url}/api/v1/alerts`)).alerts,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Runs `promtool` with these words, and with `input` on its standard input. Resolves to its exit code and all it said. */
export function promtool(
  words: readonly string[],
  input = "",
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; output: string }>();
  const child = execFile("promtool", words, (_, stdout, stderr) =>
    resolve({ code: child.exitCode, output: stdout + stderr }),
  );
  child.stdin?.end(input);
  return promise;
}

/** A scrape has as long as there is from one to the next; a controller on a busy machine needs most of a second now and then. */
const every = "1s";

function configuration({ scrape = [], rules }: PrometheusOptions): unknown {
  const targets = scrape.map((place) => place.replace(/^https?:\/\//, ""));
  return {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    scrape_configs: [{ job_name: "rollcall", static_configs: [{ targets }] }],
    ...(rules === undefined ? {} : { rule_files: ["rules.yml"] }),
  };
}

const labels = z.record(z.string(), z.string());
const vector = z.object({
  result: z.array(z.object({ metric: labels, value: z.tuple([z.number(), z.string()]) })),
});
const alerts = z.object({
  alerts: z.array(z.object({ state: z.enum(["pending", "firing"]), labels, annotations: labels })),
});
const answer = z.object({ status: z.string(), data: z.unknown().optional(), error: z.string().optional() });

async function ask(url: string): Promise<unknown> {
  const { status, data, error } = answer.parse(await (await fetch(url)).json());
  if (status !== "success") throw new Error(`cannot evaluate ${new URL(url).search}: ${error}`);
  return data;
}
