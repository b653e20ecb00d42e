import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";

export type CallName =
  | "fingerprint"
  | "check"
  | "schema"
  | "marker"
  | "scan"
  | "fetch"
  | "find"
  | "entitlements"
  | "memberships"
  | "apply";

/** Something that stands around a connector's calls: what it does not define passes through. */
export interface Wrapper {
  /** Around a call with one answer. */
  answer?<T>(name: CallName, call: Call, next: (call: Call) => Promise<T>): Promise<T>;
  /** Around a call that answers in pages; `apply` too, where it is not defined on its own. */
  pages?<T>(name: CallName, call: Call, next: (call: Call) => AsyncIterable<T>): AsyncIterable<T>;
  apply?(changes: readonly StoreChange[], call: Call, next: Connector["apply"]): AsyncIterable<Outcome>;
}

export function wrapConnector(inner: Connector, wrapper: Wrapper): Connector {
  const { marker } = inner;
  const answer = <T>(name: CallName, call: Call, next: (call: Call) => Promise<T>) =>
    wrapper.answer === undefined ? next(call) : wrapper.answer(name, call, next);
  const pages = <T>(name: CallName, call: Call, next: (call: Call) => AsyncIterable<T>) =>
    wrapper.pages === undefined ? next(call) : wrapper.pages(name, call, next);
  return {
    capabilities: inner.capabilities,
    ...(inner.place === undefined ? {} : { place: inner.place }),
    ...(inner.formerPlace === undefined ? {} : { formerPlace: inner.formerPlace }),
    ...(inner.entitlementPlace === undefined ? {} : { entitlementPlace: inner.entitlementPlace }),
    memberKey: (account) => inner.memberKey(account),
    check: (call) => answer("check", call, (by) => inner.check(by)),
    schema: (call) => answer("schema", call, (by) => inner.schema(by)),
    ...(marker && { marker: (call: Call) => answer("marker", call, (by) => marker.call(inner, by)) }),
    fetch: (anchors, call) => answer("fetch", call, (by) => inner.fetch(anchors, by)),
    find: (questions, call) => answer("find", call, (by) => inner.find(questions, by)),
    entitlements: (refs, call) => answer("entitlements", call, (by) => inner.entitlements(refs, by)),
    scan: (what, call) => pages("scan", call, (by) => inner.scan(what, by)),
    memberships: (anchors, call) => pages("memberships", call, (by) => inner.memberships(anchors, by)),
    apply: (changes, call) =>
      wrapper.apply === undefined
        ? pages("apply", call, (by) => inner.apply(changes, by))
        : wrapper.apply(changes, call, (some, by) => inner.apply(some, by)),
  };
}
