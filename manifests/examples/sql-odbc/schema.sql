-- The application's tables.
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  login varchar(64) NOT NULL UNIQUE,
  employee_number varchar(32) UNIQUE,
  display_name varchar(200),
  left_at timestamp
);
CREATE TABLE user_permissions (
  user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  permission varchar(64) NOT NULL,
  PRIMARY KEY (user_id, permission)
);
