import {
  AndFilter,
  BerWriter,
  EqualityFilter,
  type Filter,
  FilterParser,
  OrFilter,
  PresenceFilter,
} from "ldapts";

/** Filters are put together as trees and encoded as BER, so that no value is ever part of a filter's text. */
export const and = (...filters: Filter[]): Filter =>
  filters.length === 1 ? filters[0]! : new AndFilter({ filters });
export const or = (filters: Filter[]): Filter =>
  filters.length === 1 ? filters[0]! : new OrFilter({ filters });
export const equals = (attribute: string, value: string | Buffer): Filter =>
  new EqualityFilter({ attribute, value });
export const everything = (): Filter => new PresenceFilter({ attribute: "objectClass" });

/** A filter that a manifest wrote (RFC 4515). The target's schema has checked it. */
export const parseFilter = (text: string): Filter => FilterParser.parseString(text);

/** A filter as controls carry it (RFC 4528 §3). */
export function encodeFilter(filter: Filter): Buffer {
  const writer = new BerWriter();
  filter.write(writer);
  return Buffer.from(writer.buffer);
}

/** The object classes that every entry which matches must have: those of equality terms outside of `or` and `not`. */
export function requiredClasses(filter: Filter): string[] {
  if (filter instanceof AndFilter) return filter.filters.flatMap(requiredClasses);
  if (filter instanceof EqualityFilter && filter.attribute.toLowerCase() === "objectclass")
    return [filter.value.toString()];
  return [];
}
