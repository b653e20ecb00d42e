import { type Agent, request } from "undici";
import { z } from "zod";
import { apiPath } from "../../server/api-protocol.ts";

/** The controller could not be asked, or refused: said to people as it is. */
export class ControllerError extends Error {
  override readonly name = "ControllerError";
}

export interface Question {
  /** `["explain", "ada"]` */
  readonly steps: readonly string[];
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What is sent is asked by POST. */
  readonly body?: unknown;
}

export interface Asking {
  readonly dispatcher: Agent;
  readonly namespace: string;
  readonly token: string;
}

/** Asks, and gives the document of this format that comes back. Throws a `ControllerError` for any other answer. */
export async function exchange<D>(
  base: URL,
  { dispatcher, namespace, token }: Asking,
  { steps, query = {}, body }: Question,
  format: string,
): Promise<D> {
  const url = new URL(apiPath(namespace, ...steps), base);
  for (const [name, values] of Object.entries(query))
    for (const value of [values ?? []].flat()) url.searchParams.append(name, value);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const sent =
    body === undefined ? { method: "GET" as const } : { method: "POST" as const, body: JSON.stringify(body) };
  let answer: { readonly code: number; readonly text: string };
  try {
    const response = await request(url, { ...sent, headers, dispatcher });
    answer = { code: response.statusCode, text: await response.body.text() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ControllerError(
      `cannot ask the controller at ${base.origin}: ${code ?? message}; see that it runs there`,
    );
  }
  return documentOf(answer, format, base) as D;
}

const status = z.object({ message: z.string() });

function documentOf({ code, text }: { code: number; text: string }, format: string, base: URL): unknown {
  const json = parsed(text);
  if (code !== 200) {
    const said = status.safeParse(json).data?.message ?? `it answered ${code}`;
    throw new ControllerError(`the controller at ${base.origin} refuses: ${said}`);
  }
  if (z.object({ format: z.literal(format) }).safeParse(json).success) return json;
  throw new ControllerError(
    `what answers at ${base.origin} does not speak ${format}: is it a controller of another version?`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
