import { type ApiKindName, apiVersion } from "../../core/kinds/kinds.ts";
import type { ApiRequest } from "./api.ts";

/** An object of ours as the API server knows it. */
export interface ObjectId {
  readonly kind: ApiKindName;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Something that happened to an object, for `kubectl describe` and `kubectl events`. */
export interface EventNote {
  readonly object: ObjectId;
  readonly type: "Normal" | "Warning";
  /** A word in CamelCase. */
  readonly reason: string;
  /** What was being done: a word in CamelCase. */
  readonly action: string;
  readonly note: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const controller = "rollcall.dev/controller";
/** Bytes that the API server takes (k8s.io/api/events/v1, Event.note). */
const longestNote = 1024;
/** Of an object's name in the Event's own, which has 253 characters at most. */
const longestName = 200;

/** Makes an Event (events.k8s.io/v1). */
export function eventRequest(
  { object, type, reason, action, note, at }: EventNote,
  { id, instance }: { readonly id: string; readonly instance: string },
): ApiRequest {
  const { kind, namespace, name, uid } = object;
  return {
    method: "POST",
    path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
    body: {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: `${name.slice(0, longestName).replace(/[-.]+$/, "")}.${id}`, namespace },
      eventTime: microTime(at),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      action,
      reason,
      type,
      note: cut(note, longestNote),
      regarding: { apiVersion, kind, namespace, name, uid },
    },
  };
}

/** `metav1.MicroTime`: RFC 3339 with exactly six digits of a second. */
export function microTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}

/** The text cut to so many bytes of UTF-8, never inside a character. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  let end = bytes - Buffer.byteLength("…");
  while ((buffer[end]! & 0xc0) === 0x80) end--;
  return `${buffer.toString("utf8", 0, end)}…`;
}
