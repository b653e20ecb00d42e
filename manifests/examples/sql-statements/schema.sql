-- An application whose users lie in two tables, and are removed by a procedure of its own; and a role for Rollcall.
CREATE SCHEMA library;
CREATE TABLE library.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  login text NOT NULL UNIQUE,
  locked boolean NOT NULL DEFAULT false
);
CREATE TABLE library.readers (
  user_id bigint PRIMARY KEY REFERENCES library.users,
  employee_number text UNIQUE,
  display_name text
);
CREATE TABLE library.desks (code text PRIMARY KEY, title text NOT NULL UNIQUE);
CREATE TABLE library.desk_keys (
  user_id bigint NOT NULL REFERENCES library.users,
  desk text NOT NULL REFERENCES library.desks,
  PRIMARY KEY (user_id, desk)
);
INSERT INTO library.desks VALUES ('R', 'Reading room'), ('S', 'Stacks');
CREATE PROCEDURE library.remove_user(who bigint) LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC
  DELETE FROM library.desk_keys WHERE user_id = who;
  DELETE FROM library.readers WHERE user_id = who;
  DELETE FROM library.users WHERE id = who;
END;

CREATE ROLE rollcall LOGIN; -- then: \password rollcall
GRANT USAGE ON SCHEMA library TO rollcall;
GRANT SELECT ON ALL TABLES IN SCHEMA library TO rollcall;
GRANT INSERT (login), UPDATE (login, locked) ON library.users TO rollcall;
GRANT INSERT, UPDATE (employee_number, display_name) ON library.readers TO rollcall;
GRANT INSERT, DELETE ON library.desk_keys TO rollcall;
GRANT EXECUTE ON PROCEDURE library.remove_user(bigint) TO rollcall;
