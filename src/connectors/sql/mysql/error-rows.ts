import type { StoreErrorKind } from "../../errors.ts";
import type { Scope } from "../mapped.ts";

/** By the numbers that MySQL and MariaDB give their errors (their "Server Error Message Reference"). */
export const mysqlErrors: readonly (readonly [
  numbers: readonly number[],
  kind: StoreErrorKind,
  scope: Scope,
  meaning: string,
])[] = [
  [[1062, 1586, 1022], "Conflict", "Row", "duplicate entry for a unique key"],
  [[1048, 1364], "Invalid", "Row", "no value for a column that needs one"],
  [[1451, 1452, 1216, 1217], "Invalid", "Row", "foreign key"],
  [[3819, 4025], "Invalid", "Row", "check constraint"],
  [[1406], "Invalid", "Row", "data too long"],
  [[1264, 1365, 1690], "Invalid", "Row", "a number out of range"],
  [[1265, 1292, 1366, 1411, 3854], "Invalid", "Row", "a value that the column's type does not take"],
  [[3140, 4038], "Invalid", "Row", "malformed JSON"],
  [[1369], "Invalid", "Row", "the check option of a view"],
  [[1644], "Invalid", "Row", "raised by a trigger or a procedure"],
  [[1396], "Conflict", "Row", "a user or role that is there already, or is gone"],
  [[1133, 1141, 1147, 1403, 1410, 3523], "NotFound", "Row", "no such user, or no such grant"],
  [
    [1470, 1300, 1959, 1962],
    "Invalid",
    "Row",
    "a name that no user or role can have, or a role that is none",
  ],
  [[1819, 3638], "Invalid", "Row", "a password that the server's policy refuses"],
  [[3628, 4006], "Denied", "Row", "a mandatory role, or a user whom views and routines run as"],
  [[1153], "Invalid", "Row", "larger than max_allowed_packet"],
  [[1045, 1698, 1251, 2059], "Unauthenticated", "Connection", "user or password refused"],
  [[1049], "Unauthenticated", "Connection", "no such database"],
  [[1820, 1862, 3118, 3955, 4151], "Unauthenticated", "Connection", "password expired or account locked"],
  [[1213, 1020], "Retryable", "Connection", "rolled back: deadlock, a row that changed meanwhile"],
  [[1205, 3572], "Retryable", "Statement", "a lock was not to be had in time"],
  [[1317, 1969, 3024], "Retryable", "Statement", "interrupted, or longer than it may take"],
  [[1040, 1203, 1226], "Retryable", "Connection", "too many connections"],
  [[1290, 1792, 1836], "Denied", "Statement", "read-only server or transaction"],
  [[1044, 1142, 1143, 1227, 1370], "Denied", "Statement", "insufficient privilege"],
  [[1146, 1054, 1305, 1064, 1193], "Invalid", "Statement", "a table, column or function that is not there"],
  [[1267, 1270, 1271], "Invalid", "Statement", "collations that cannot be compared"],
  [[1288, 1348, 1442, 1471], "Invalid", "Statement", "a view or table that cannot be changed so"],
];
