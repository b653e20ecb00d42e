import type { ScanSubject } from "./scan.ts";

/** Some 90 bytes a row, one cell of eight in quotes. */
export const csv: ScanSubject = {
  title: "CSV",
  connector: "csv",
  store: {},
  target: {
    key: "login",
    id: "id",
    disabled: { column: "state", enabled: "active", disabled: "blocked" },
    entitlements: { column: "groups" },
  },
  attributes: ["mail", "given", "family", "department"],
  head: "id,login,given,family,mail,department,state,groups\n",
  row: (number) =>
    `${1_000_000 + number},user${number},Given${number % 997},"Family, ${number % 1_999}",user${number}@example.org,Dept ${number % 50},active,staff;lab${number % 20}\n`,
  bare: { name: "csv-parse", program: "bare-csv.ts" },
};
