/** It is not put in where Node is too old for it, and what is used of it is in `driver.ts`. */
declare module "tedious";
