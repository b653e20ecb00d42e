import type { Sample } from "./metrics.ts";

/** What is known of an export that is in force. */
export interface ExportFigures {
  readonly name: string;
  /** When it was last written (ms); 0: never, as far as anybody knows. */
  readonly lastAt: number;
  /** Milliseconds from one time to the next; infinite for one that nothing but a person has written. */
  readonly every: number;
}

/** What the gauges show of the exports. */
export function exportGauges(exports: Iterable<ExportFigures>): readonly Sample[] {
  return [...exports].flatMap(({ name, lastAt, every }): Sample[] => {
    const labels = { export: name };
    return [
      ...(lastAt === 0
        ? []
        : [
            {
              metric: "rollcall_export_last_success_timestamp_seconds",
              labels,
              value: lastAt / 1000,
            } as const,
          ]),
      ...(Number.isFinite(every)
        ? [{ metric: "rollcall_export_interval_seconds", labels, value: every / 1000 } as const]
        : []),
    ];
  });
}
