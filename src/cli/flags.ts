import type { Flag } from "./command.ts";

/** Flags that several commands have in common. */

export const folderFlag: Flag = {
  name: "filename",
  short: "f",
  value: "DIR",
  summary: "the folder that the manifests are in",
};

export const stateFlag: Flag = {
  name: "state",
  value: "PLACE",
  summary:
    "the state: a file outside DIR, or a postgres:// URL (default: $ROLLCALL_STATE, or one of DIR's own)",
};

export const rootFlag: Flag = {
  name: "root",
  value: "FOLDER",
  summary: "where the files that manifests name must lie (default: $ROLLCALL_ROOT, or DIR)",
};

export const odbcDriverFlag: Flag = {
  name: "odbc-driver",
  value: "NAME",
  repeatable: true,
  summary: "an ODBC driver that Stores may name: loading one runs its code; may be given several times",
};

/** What manifests may reach on this machine. */
export const reachFlags: readonly Flag[] = [rootFlag, odbcDriverFlag];

export const initFlag: Flag = {
  name: "init",
  summary: "make the state where there is none: once, at the first run",
};

export const targetFlag: Flag = {
  name: "target",
  value: "NAME",
  repeatable: true,
  summary: "only this target; may be given several times",
};

export const fullFlag: Flag = {
  name: "full",
  summary: "compare every account, not only those whose version in the store changed",
};

export const formats = ["table", "json", "yaml", "markdown", "ldif"] as const;
export type Format = (typeof formats)[number];

/** `-o`, with the formats that a command has; the first is the default. */
export function outputFlag<F extends Format>(...choices: readonly F[]): Flag {
  return {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices,
    summary: `${choices.join(", ")} (default: ${choices[0]})`,
  };
}

export const helpFlag: Flag = { name: "help", short: "h", summary: "show this help" };
