import { startMariadb } from "../support/mariadb.ts";
import { mysqlTestedOn, startMysql } from "../support/mysql.ts";
import { startUsers, userFeatures } from "./sql-users-mysql-harness.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (users of MariaDB)",
  features: userFeatures,
  start: () =>
    startUsers({
      dialect: "mariadb",
      start: startMariadb,
      keeps: (name) => name.length <= 128 && !name.endsWith(" "),
      everybody:
        "SELECT User AS name, Host AS host, COALESCE(JSON_VALUE(Priv, '$.is_role') = 1, 0) AS role FROM mysql.global_priv",
      one: `SELECT JSON_VALUE(Priv, '$.comment') AS comment, JSON_VALUE(Priv, '$."app.mail"') AS mail,
        COALESCE(JSON_VALUE(Priv, '$.account_locked') = 1, 0) AS locked,
        COALESCE(JSON_VALUE(Priv, '$.password_last_changed') = 0, 0) AS expired FROM mysql.global_priv WHERE User = ? AND Host = ?`,
      path: (attribute) => `'$."${attribute}"'`,
      set: (path, given) =>
        `UPDATE mysql.global_priv SET Priv = ${given ? `JSON_SET(Priv, ${path}, ?)` : `JSON_REMOVE(Priv, ${path})`} WHERE User = ? AND Host = ?`,
      setMany: (path, cases) =>
        `UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, ${path}, CASE CONCAT(User, '@', Host) ${cases} END) WHERE CONCAT(User, '@', Host) IN (?)`,
      members: "SELECT 1 FROM mysql.roles_mapping WHERE Role = ? AND Admin_option = 'N'",
    }),
});

const document = "COALESCE(User_attributes, '{\"metadata\": {}}')";

// MariaDB keeps its users in other tables, so that there is nothing to run by this dialect where no MySQL is.
if (mysqlTestedOn === "MySQL")
  contractSuite({
    name: "sql (users of MySQL)",
    features: userFeatures,
    start: () =>
      startUsers({
        dialect: "mysql",
        start: startMysql,
        keeps: (name) => name.length <= 32 && name.trim() === name,
        everybody:
          "SELECT User AS name, Host AS host, account_locked = 'Y' AND password_expired = 'Y' AND authentication_string = '' AS role FROM mysql.user",
        one: `SELECT User_attributes ->> '$.metadata.comment' AS comment, User_attributes ->> '$.metadata."app.mail"' AS mail,
          account_locked = 'Y' AS locked, password_expired = 'Y' AS expired FROM mysql.user WHERE User = ? AND Host = ?`,
        path: (attribute) => `'$.metadata."${attribute}"'`,
        set: (path, given) =>
          `UPDATE mysql.user SET User_attributes = ${given ? `JSON_SET(${document}, ${path}, ?)` : `JSON_REMOVE(User_attributes, ${path})`} WHERE User = ? AND Host = ?`,
        setMany: (path, cases) =>
          `UPDATE mysql.user SET User_attributes = JSON_SET(${document}, ${path}, CASE CONCAT(User, '@', Host) ${cases} END) WHERE CONCAT(User, '@', Host) IN (?)`,
        members: "SELECT 1 FROM mysql.role_edges WHERE FROM_USER = ? AND WITH_ADMIN_OPTION = 'N'",
      }),
  });
