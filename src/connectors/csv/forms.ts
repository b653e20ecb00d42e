import type { ValueForm } from "../files/layout.ts";

/** `dd.MM.yyyy`, `d/M/yyyy`, `yyyyMMdd`: day, month and year once each. */
export const dayPattern =
  /^((dd?[^A-Za-z0-9]{1,3}MM?|MM?[^A-Za-z0-9]{1,3}dd?)[^A-Za-z0-9]{1,3}yyyy[^A-Za-z0-9]?|yyyy[^A-Za-z0-9]{1,3}MM?[^A-Za-z0-9]{1,3}dd?[^A-Za-z0-9]?|yyyyMMdd|ddMMyyyy|MMddyyyy)$/;

const parts: Readonly<Record<string, readonly [name: "year" | "month" | "day", digits: string]>> = {
  yyyy: ["year", "[0-9]{4}"],
  MM: ["month", "[0-9]{2}"],
  M: ["month", "[0-9]{1,2}"],
  dd: ["day", "[0-9]{2}"],
  d: ["day", "[0-9]{1,2}"],
};

/** Days as a country writes them; RFC 3339 days (`2026-12-31`) in the model. */
export function dayForm(pattern: string): ValueForm {
  const source = pattern
    .replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&")
    .replaceAll(/yyyy|MM?|dd?/g, (part) => `(?<${parts[part]![0]}>${parts[part]![1]})`);
  const written = new RegExp(`^${source}$`);
  return {
    title: `a day such as 2026-12-31, which is written as ${pattern}`,
    read(text) {
      const { year, month = "", day = "" } = written.exec(text)?.groups ?? {};
      const value = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
      return isDay(value) ? value : text;
    },
    write(value) {
      if (!isDay(value)) return undefined;
      const [year, month, day] = value.split("-") as [string, string, string];
      const named = { year, month, day };
      return pattern.replaceAll(/yyyy|MM?|dd?/g, (part) => {
        const digits = named[parts[part]![0]];
        return part.length === 1 ? String(Number(digits)) : digits;
      });
    },
  };
}

/** Numbers with another decimal sign; plain decimals in the model. */
export function decimalForm(sign: string): ValueForm {
  const plain = /^-?[0-9]+([.][0-9]+)?$/;
  return {
    title: `a number such as 1234.5, which is written as 1234${sign}5`,
    read(text) {
      const value = text.includes(".") ? "" : text.replace(sign, ".");
      return plain.test(value) ? value : text;
    },
    write: (value) => (plain.test(value) ? value.replace(".", sign) : undefined),
  };
}

/** Whether there is such a day. */
function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
