-- The tables of the warehouse application.
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  login text NOT NULL UNIQUE,
  employee_number text UNIQUE,
  display_name text,
  blocked boolean NOT NULL DEFAULT false
);
CREATE TABLE roles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE user_roles (
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  role_id bigint NOT NULL REFERENCES roles,
  PRIMARY KEY (user_id, role_id)
);
INSERT INTO roles (name) VALUES ('stock'), ('inventory');
