-- The application's tables, and a user for Rollcall with no more rights than this target needs.
CREATE TABLE users (
  id bigint AUTO_INCREMENT PRIMARY KEY,
  login varchar(100) NOT NULL UNIQUE,
  employee_number varchar(20) UNIQUE,
  display_name varchar(200),
  blocked boolean NOT NULL DEFAULT false
);
CREATE TABLE permissions (
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  permission varchar(50) NOT NULL,
  PRIMARY KEY (user_id, permission)
);

CREATE USER rollcall; -- then: SET PASSWORD FOR rollcall = PASSWORD('…');
GRANT SELECT, INSERT, UPDATE (login, employee_number, display_name, blocked) ON users TO rollcall;
GRANT SELECT, INSERT, DELETE ON permissions TO rollcall;
GRANT BINLOG MONITOR ON *.* TO rollcall; -- tells whether anything changed, so that nothing is read when nothing did
