-- A role that the accounts have, one to be granted, a table, and a user for Rollcall. Run as root.
CREATE ROLE people;
CREATE ROLE analysts;
CREATE DATABASE sales;
CREATE TABLE sales.orders (id bigint PRIMARY KEY, amount decimal(12,2));
GRANT SELECT ON sales.* TO analysts;

CREATE USER rollcall@'%' IDENTIFIED BY 'change-me';
GRANT CREATE USER ON *.* TO rollcall@'%';
GRANT SELECT ON mysql.* TO rollcall@'%';
GRANT UPDATE ON mysql.global_priv TO rollcall@'%'; -- for comment and attributes of one's own
GRANT people TO rollcall@'%' WITH ADMIN OPTION;
GRANT analysts TO rollcall@'%' WITH ADMIN OPTION;
GRANT SELECT, INSERT ON sales.orders TO rollcall@'%' WITH GRANT OPTION;
