type Step = string | number;

const plain = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** A path as people read it: `spec.accounts.match[0].keys`, `spec.attributes["badge.no"]`. */
export function fieldOf(path: readonly Step[]): string {
  return path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return plain.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** The inverse of `fieldOf`. */
export function pathOf(field: string): readonly Step[] {
  const steps = field.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([A-Za-z_][A-Za-z0-9_-]*)/g);
  return [...steps].map(([, index, quoted, name]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? name! : (JSON.parse(quoted) as string);
  });
}
