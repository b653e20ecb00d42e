/** How a CSV file is written (RFC 4180 where nothing is said). */
export interface CsvDialect {
  readonly encoding: string;
  /** One character between two cells. */
  readonly delimiter: string;
  /** One character around a cell that needs it; doubled inside. */
  readonly quote: string;
}
