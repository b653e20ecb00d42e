-- A group for the accounts, one to be granted, a table, and a role for Rollcall. Run as a superuser.
CREATE ROLE people;
CREATE ROLE analysts;
CREATE SCHEMA sales;
CREATE TABLE sales.orders (id bigint PRIMARY KEY, amount numeric);
GRANT USAGE ON SCHEMA sales TO analysts;

CREATE ROLE rollcall LOGIN CREATEROLE; -- then: \password rollcall
GRANT people, analysts TO rollcall WITH ADMIN OPTION;
GRANT USAGE ON SCHEMA sales TO rollcall;
GRANT SELECT ON sales.orders TO rollcall WITH GRANT OPTION;
GRANT SET ON PARAMETER app.employee_number TO rollcall; -- PostgreSQL 15; before, only a superuser sets settings of one's own
