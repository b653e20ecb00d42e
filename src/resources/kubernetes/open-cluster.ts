import { ApiError, type ApiRequest, type ClusterApi, type WatchRequest } from "./api.ts";
import { type ConfigOptions, findConfig } from "./config.ts";
import { type Access, Credentials } from "./credentials.ts";
import { cannotOf, type Exchange, exchange, refusal } from "./exchange.ts";
import { readJsonLines, readText } from "./read-body.ts";

/** Milliseconds without a word after which a watch is taken to be dead: the API server sends a bookmark a minute. */
const quietest = 150_000;

/** Throws where no configuration is found or it cannot be used. Sends nothing yet. */
export async function openCluster(options: ConfigOptions): Promise<ClusterApi> {
  const credentials = new Credentials(findConfig(options));
  const config = credentials.config();
  const context = config.getCurrentContext();
  const { server } = await credentials.access();
  return {
    place: `${context} (${server})`,
    namespace: config.getContextObject(context)?.namespace || "default",
    request: (request) => sendRequest(request, credentials),
    watch: (request) => sendWatch(request, credentials),
    token: async () => bearerOf(await credentials.access()),
    close: () => credentials.close(),
  };
}

async function sendRequest(request: ApiRequest, credentials: Credentials): Promise<unknown> {
  const { response, end, fault } = await accepted(request, credentials);
  try {
    const text = await readText(response.body);
    return text === "" ? undefined : JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw fault(error);
    throw new ApiError(0, "Garbled", `${cannotOf(request)}: the answer is not JSON`, { cause: error });
  } finally {
    end();
  }
}

async function* sendWatch(
  { opened, ...request }: WatchRequest,
  credentials: Credentials,
): AsyncGenerator<unknown> {
  const query = { ...request.query, watch: true };
  const { response, alive, end, fault } = await accepted(
    { timeout: quietest, ...request, method: "GET", query },
    credentials,
  );
  try {
    opened?.();
    yield* readJsonLines(response.body, alive);
  } catch (error) {
    throw fault(error);
  } finally {
    end();
    response.body.destroy();
  }
}

/** Sends, and once more with fresh credentials where they are refused. Throws for every status of 400 and above. */
async function accepted(request: ApiRequest, credentials: Credentials): Promise<Exchange> {
  for (let tries = 1; ; tries++) {
    const access = await accessFor(request, credentials);
    const answer = await exchange(request, access, () => credentials.reconnect(access));
    if (answer.response.statusCode < 400) return answer;
    const error = await errorOf(request, answer);
    if (error.status === 401) credentials.renew(access);
    if (error.status !== 401 || tries === 2) throw error;
  }
}

async function errorOf(request: ApiRequest, { response, end, fault }: Exchange): Promise<ApiError> {
  try {
    return refusal(request, response, await readText(response.body));
  } catch (error) {
    throw fault(error);
  } finally {
    end();
  }
}

async function accessFor(request: ApiRequest, credentials: Credentials): Promise<Access> {
  try {
    return await credentials.access();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(0, "Credentials", `${cannotOf(request)}: no credentials: ${why}`, { cause });
  }
}

function bearerOf({ headers }: Access): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}
