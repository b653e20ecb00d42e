-- The application's tables, and a role for Rollcall with no more rights than this target needs.
CREATE SCHEMA laboratory;
CREATE TABLE laboratory.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  login text NOT NULL UNIQUE,
  employee_number text UNIQUE,
  display_name text,
  department text,
  disabled boolean NOT NULL DEFAULT false
);
CREATE TABLE laboratory.roles (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);
CREATE TABLE laboratory.user_roles (
  user_id bigint NOT NULL REFERENCES laboratory.users ON DELETE CASCADE,
  role_id bigint NOT NULL REFERENCES laboratory.roles,
  PRIMARY KEY (user_id, role_id)
);
INSERT INTO laboratory.roles (name) VALUES ('results-read'), ('results-write');

CREATE ROLE rollcall LOGIN; -- then: \password rollcall
GRANT USAGE ON SCHEMA laboratory TO rollcall;
GRANT SELECT ON laboratory.users, laboratory.roles, laboratory.user_roles TO rollcall;
GRANT INSERT (login, employee_number, display_name, department, disabled),
      UPDATE (login, employee_number, display_name, department, disabled)
  ON laboratory.users TO rollcall;
GRANT INSERT, DELETE ON laboratory.user_roles TO rollcall;
