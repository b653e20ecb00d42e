import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { type Agent, request as send } from "node:https";
import { type Fault, failure } from "./fault.ts";

/** To a request by HTTP/2; by HTTP/1.1 it is a `ServerResponse`, which has no `stream`. */
export type Answer = Http2ServerResponse;

/** Does what a fault does to a request that never reaches the API server; whether it was one of those. */
export function inPlaceOfAnswer(fault: Fault, answer: Answer): boolean {
  switch (fault.kind) {
    case "Answer": {
      const retry = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
      answer.writeHead(fault.status, { "content-type": "application/json", ...retry });
      answer.end(failure(fault.status, fault.retryAfter));
      return true;
    }
    case "ErrorEvent":
      answer.writeHead(200, { "content-type": "application/json" });
      answer.end(`{"type":"ERROR","object":${failure(fault.status)}}\n`);
      return true;
    case "Drop":
      cutOff(answer);
      return true;
    default:
      return fault.kind === "Hang";
  }
}

export interface Onward {
  readonly to: string;
  readonly agent: Agent;
  readonly fault: Fault | undefined;
}

export function passOn(incoming: Http2ServerRequest, answer: Answer, { to, agent, fault }: Onward): void {
  const { method, url, headers } = incoming;
  const options = { method, agent, headers: withoutHopByHop(headers) };
  const onward = send(new URL(url, to), options, (response) => {
    if (isOver(answer)) return void response.destroy();
    if (fault?.kind === "LoseAnswer") return cutOff(answer);
    answer.writeHead(response.statusCode ?? 502, withoutHopByHop(response.headers));
    if (fault?.kind === "CutAfter") setTimeout(() => cutOff(answer), fault.milliseconds).unref();
    giveBack(response, answer, fault?.kind === "Truncate" ? fault.bytes : Number.POSITIVE_INFINITY);
  });
  onward.on("error", () => cutOff(answer));
  answer.on("error", () => onward.destroy());
  answer.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

/** Piece by piece as it comes, since nothing of a watch may wait for the next piece. */
function giveBack(response: IncomingMessage, answer: Answer, limit: number): void {
  let left = limit;
  response.on("data", (data: Buffer) => {
    if (left <= 0 || answer.writableEnded) return;
    const piece = data.subarray(0, left);
    left -= piece.length;
    const flowing = answer.write(piece, () => left <= 0 && cutOff(answer));
    if (flowing) return;
    response.pause();
    answer.once("drain", () => response.resume());
  });
  response.on("end", () => left > 0 && answer.end());
  response.on("error", () => cutOff(answer));
  response.on("aborted", () => cutOff(answer));
}

/** Ended by the test, or by the client, before the API server answered: there is nobody to tell. */
function isOver(answer: Answer): boolean {
  return answer.writableEnded || (answer.stream ? answer.stream.closed : answer.destroyed);
}

/** A reset, of the stream in HTTP/2, of the connection in HTTP/1.1, never what looks like an end. Not where it has ended already. */
export function cutOff(answer: Answer): void {
  if (answer.writableEnded) return;
  if (answer.stream?.close) answer.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else answer.socket?.destroy();
}

/** Of one connection only (RFC 9110 7.6.1), and HTTP/2's own. */
function withoutHopByHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith(":") && !hopByHop.has(name)));
}

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "host",
  "http2-settings",
]);
