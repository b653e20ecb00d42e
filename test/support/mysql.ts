import { mysqlProgram } from "./environment.ts";
import { startMariadb } from "./mariadb.ts";
import {
  type MysqlProgram,
  type MysqlServer,
  type MysqlServerOptions,
  startMysqlServer,
} from "./mysql-server.ts";
import { runUnprivileged } from "./server-process.ts";

/** What the dialect `mysql` is tested on, for the names of tests. */
export const mysqlTestedOn = mysqlProgram() === undefined ? "MariaDB" : "MySQL";

/** Starts a server for the dialect `mysql`: MySQL, where the environment names its program (CONTRIBUTING.md), else MariaDB. */
export function startMysql(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  const command = mysqlProgram();
  return command === undefined ? startMariadb(options) : startMysqlServer(mysql(command), options);
}

function mysql(command: string): MysqlProgram {
  return {
    name: "mysql",
    command,
    initialize: (places) =>
      runUnprivileged(command, [
        ...places,
        "--initialize-insecure",
        "--skip-log-bin",
        "--innodb-redo-log-capacity=8M",
      ]),
    // No folder for files, which would have to be there; and no second protocol, which listens on a port of its own.
    options: ["--secure-file-priv=NULL", "--mysqlx=OFF", "--innodb-redo-log-capacity=32M"],
  };
}
