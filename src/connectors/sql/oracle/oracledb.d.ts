/** It comes without types; those that are used are in `driver.ts`. */
declare module "oracledb";
