import type { Mapped } from "../mapped.ts";

/** By Oracle's error numbers (Database Error Messages). */
export const oracleErrors: readonly (readonly [numbers: readonly number[], ...Mapped])[] = [
  [[1], "", "Conflict", "Row", "unique violation (Oracle)"],
  [
    [1400, 1407, 1438, 1722, 1830, 1839, 1843, 1847, 1858, 1861, 2290, 2291, 2292, 12899],
    "",
    "Invalid",
    "Row",
    "a value that the column does not take, or another constraint (Oracle)",
  ],
  [
    [1005, 1017, 28000, 28001],
    "",
    "Unauthenticated",
    "Connection",
    "user or password refused, locked or expired (Oracle)",
  ],
  [[12514, 12505], "", "Unauthenticated", "Connection", "no such service (Oracle)"],
  [[60, 8177], "", "Retryable", "Statement", "rolled back: deadlock, serialization failure (Oracle)"],
  [[54, 30006], "", "Retryable", "Statement", "a lock was not to be had (Oracle)"],
  [[1031, 1720], "", "Denied", "Statement", "no privilege (Oracle)"],
  [[16000], "", "Denied", "Statement", "the database may only be read (Oracle)"],
  [
    [900, 903, 904, 907, 911, 923, 933, 936, 942, 6550],
    "",
    "Invalid",
    "Statement",
    "a table or column that is not there, or wrong SQL (Oracle)",
  ],
  [
    [28, 1012, 1033, 1034, 1089, 3113, 3114, 3135, 12541, 12545],
    "",
    "Unavailable",
    "Connection",
    "no connection (Oracle)",
  ],
];
