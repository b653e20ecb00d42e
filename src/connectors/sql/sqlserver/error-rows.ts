import type { Mapped } from "../mapped.ts";

/** By SQL Server's error numbers (Database Engine events and errors). */
export const sqlServerErrors: readonly (readonly [numbers: readonly number[], ...Mapped])[] = [
  [[2627, 2601], "", "Conflict", "Row", "unique violation (SQL Server)"],
  [
    [515, 547, 2628, 8152, 245, 220, 8114, 8115, 241, 242],
    "",
    "Invalid",
    "Row",
    "a value that the column does not take, or another constraint (SQL Server)",
  ],
  [[18456, 18452, 18470], "", "Unauthenticated", "Connection", "user or password refused (SQL Server)"],
  [[4060], "", "Unauthenticated", "Connection", "no such database (SQL Server)"],
  [[1205, 3960], "", "Retryable", "Statement", "rolled back: deadlock, snapshot conflict (SQL Server)"],
  [[1222], "", "Retryable", "Statement", "a lock was not to be had (SQL Server)"],
  [[229, 230, 262], "", "Denied", "Statement", "no privilege (SQL Server)"],
  [[3906], "", "Denied", "Statement", "the database may only be read (SQL Server)"],
  [
    [102, 156, 207, 208, 2812],
    "",
    "Invalid",
    "Statement",
    "a table, column or procedure that is not there, or wrong SQL (SQL Server)",
  ],
];
