-- The tables of the order application, and the account it came with.
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  employee_number TEXT UNIQUE,
  display_name TEXT,
  mail TEXT,
  department TEXT,
  state TEXT NOT NULL DEFAULT 'active'
);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE user_roles (
  user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  role_id INTEGER NOT NULL REFERENCES roles,
  PRIMARY KEY (user_id, role_id)
);
INSERT INTO roles (name) VALUES ('orders:read'), ('orders:write'), ('invoices:write'), ('administrator');
INSERT INTO users (login, display_name) VALUES ('administrator', 'Administrator');
INSERT INTO user_roles SELECT users.id, roles.id FROM users, roles WHERE roles.name = 'administrator';
