-- The application's table. Permissions are a JSON array.
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  login text NOT NULL UNIQUE COLLATE NOCASE,
  employee_number text UNIQUE,
  display_name text,
  permissions text NOT NULL DEFAULT '[]',
  left_at timestamp
);
