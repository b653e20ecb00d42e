/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "s" | "ms" | "MB" | "KB" | "" | "×";
  /** The same work by the store's own tool, in the same run and unit. */
  readonly tool?: { readonly name: string; readonly value: number };
  /** The most that the ratio, or the value where there is no tool, is meant to be. */
  readonly goal?: number;
  /** Default: of the ratio, where there is one. */
  readonly goalOf?: "value";
  readonly note?: string;
}

/** What is held against the goal. */
export function measure(figure: Figure): number {
  return figure.goalOf === "value" ? figure.value : ratio(figure);
}

function ratio({ value, tool }: Figure): number {
  return tool ? value / tool.value : value;
}

export function isMet(figure: Figure): boolean | undefined {
  return figure.goal === undefined ? undefined : measure(figure) <= figure.goal;
}

export function asText(figures: readonly Figure[]): string {
  const rows = figures.map(cells);
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function asMarkdown(figures: readonly Figure[]): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...figures.map((each) => line(cells(each)))].join(
    "\n",
  );
}

const headings = ["What", "Rollcall", "Store's own tool", "Ratio", "Goal", "Met", "Beside it"];

function cells(figure: Figure): string[] {
  const { what, value, unit, tool, goal, goalOf, note = "" } = figure;
  const met = isMet(figure);
  return [
    what,
    withUnit(value, unit),
    tool ? `${tool.name} ${withUnit(tool.value, unit)}` : "",
    tool ? `${short(ratio(figure))}×` : "",
    goal === undefined ? "" : tool && goalOf !== "value" ? `${goal}×` : withUnit(goal, unit),
    met === undefined ? "" : met ? "yes" : "**no**",
    note,
  ];
}

function withUnit(value: number, unit: Figure["unit"]): string {
  return unit === "×" ? `${short(value)}×` : `${short(value)} ${unit}`.trim();
}

function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
