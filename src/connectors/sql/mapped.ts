import type { StoreErrorKind } from "../errors.ts";

/** How far a failure reaches: one row's values, the whole statement whatever its rows, or the connection. */
export type Scope = "Row" | "Statement" | "Connection";

/** A row of the tables that tell what a database's error codes mean. */
export type Mapped = readonly [code: string, kind: StoreErrorKind, scope: Scope, meaning: string];
