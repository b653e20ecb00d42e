const day = 86_400_000;
const parts = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * When a `moment` of kinds/common.ts begins, in milliseconds: a day at its midnight UTC, an instant at itself. Undefined for what is
 * no date, such as 2026-02-30: what depends on it must be held.
 */
export function startOf(moment: string): number | undefined {
  const [, year, month, date, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    parts.exec(moment) ?? [];
  if (year === undefined) return undefined;
  const local = Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`);
  // A date that does not exist is an error, not the one it overflows into.
  if (Number.isNaN(local) || Number(date) !== new Date(local).getUTCDate()) return undefined;
  const offset = zoneOffset(zone);
  if (offset === undefined) return undefined;
  return local + Math.floor(Number(`0${fraction}`) * 1000) - offset;
}

/** When it ends: a day is inclusive and ends at the next midnight UTC, an instant ends at itself. */
export function endOf(moment: string): number | undefined {
  const start = startOf(moment);
  return start === undefined || moment.includes("T") ? start : start + day;
}

function zoneOffset(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone[0] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
