import {
  type MysqlProgram,
  type MysqlServer,
  type MysqlServerOptions,
  startMysqlServer,
} from "./mysql-server.ts";
import { runUnprivileged } from "./server-process.ts";

export function startMariadb(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  return startMysqlServer(mariadb, options);
}

const mariadb: MysqlProgram = {
  name: "mariadb",
  command: "/usr/sbin/mariadbd",
  initialize: (places) =>
    runUnprivileged("mariadb-install-db", [
      ...places,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ]),
  options: ["--binlog-format=ROW"],
};
