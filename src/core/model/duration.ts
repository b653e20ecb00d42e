const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration as kinds/common.ts has it: `30s`, `1h30m`, `720h`. Throws where the schema would have refused it. */
export function parseDuration(text: string): number {
  if (!/^(?:[0-9]+(?:ms|s|m|h))+$/.test(text)) {
    throw new Error(`cannot read the duration "${text}": write it as 30s, 15m or 24h`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|s|m|h)/g))
    total += Number(amount) * units[unit!]!;
  return total;
}
