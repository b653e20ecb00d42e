import type { z } from "zod";
import {
  type ExplainRequest,
  explainRequest,
  type JournalRequest,
  journalRequest,
  type PlanRequest,
  planRequest,
  type StatusRequest,
  statusRequest,
} from "./api-protocol.ts";
import type { Ask } from "./authorise.ts";
import { Refusal } from "./refusal.ts";

/**
 * What answers, given by whoever has the namespaces' controllers. Each gives the document that is sent as JSON, and throws a
 * `Refusal` for what it does not do. The signal is aborted when nobody waits for the answer any more.
 */
export interface ApiHandlers {
  plan(namespace: string, request: PlanRequest, signal: AbortSignal): Promise<unknown>;
  explain(namespace: string, request: ExplainRequest, signal: AbortSignal): Promise<unknown>;
  status(namespace: string, request: StatusRequest, signal: AbortSignal): Promise<unknown>;
  journal(namespace: string, request: JournalRequest, signal: AbortSignal): Promise<unknown>;
}

/** What a request turns out to be: what has to be allowed for it, and what is then done. */
export interface Route {
  readonly ask: Ask;
  /** It reads stores: one at a time. */
  readonly heavy: boolean;
  readonly hasBody: boolean;
  answer(handlers: ApiHandlers, body: unknown, signal: AbortSignal): Promise<unknown>;
}

/** Throws a `Refusal` where there is no such path, or not with this method. */
export function routeOf(method: string, url: URL): Route {
  const { namespace, steps } = stepsOf(url.pathname);
  const [what, identity, ...more] = steps;
  const query = url.searchParams;
  const expected = what === "plan" ? "POST" : "GET";
  if (more.length > 0 || (identity !== undefined) !== (what === "explain")) throw unknownPath();
  if (!["plan", "explain", "status", "journal"].includes(what!)) throw unknownPath();
  if (method !== expected) throw new Refusal(405, `this path is asked with ${expected}`);
  switch (what) {
    case "plan":
      return {
        ask: { verb: "create", resource: "plans", namespace },
        heavy: true,
        hasBody: true,
        answer: (handlers, body, signal) => handlers.plan(namespace, parsed(planRequest, body), signal),
      };
    case "explain": {
      const request = { identity, edits: query.getAll("if") };
      return {
        ask: { verb: "get", resource: "explanations", namespace, name: identity! },
        heavy: true,
        hasBody: false,
        answer: (handlers, _, signal) => handlers.explain(namespace, parsed(explainRequest, request), signal),
      };
    }
    case "status": {
      const targets = query.getAll("target");
      const request = targets.length === 0 ? {} : { targets };
      return {
        ask: { verb: "get", resource: "statuses", namespace },
        heavy: false,
        hasBody: false,
        answer: (handlers, _, signal) => handlers.status(namespace, parsed(statusRequest, request), signal),
      };
    }
    default:
      return {
        ask: { verb: "get", resource: "journals", namespace },
        heavy: false,
        hasBody: false,
        answer: (handlers, _, signal) =>
          handlers.journal(namespace, parsed(journalRequest, Object.fromEntries(query)), signal),
      };
  }
}

function stepsOf(path: string): { namespace: string; steps: readonly string[] } {
  try {
    const [, v1, namespaces, namespace = "", ...steps] = path.split("/").map(decodeURIComponent);
    if (v1 === "v1" && namespaces === "namespaces" && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
      return { namespace, steps };
  } catch {
    // A percent sign that encodes nothing.
  }
  throw unknownPath();
}

function unknownPath(): Refusal {
  return new Refusal(
    404,
    "there is plan, status, explain/IDENTITY and journal below /v1/namespaces/NAMESPACE/",
  );
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, `the request's ${issue?.path.join(".") || "body"} is not valid: ${issue?.message}`);
}
