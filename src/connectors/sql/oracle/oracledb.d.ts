/** It comes without types; `driver.ts` has those that are used. */
declare module "oracledb" {
  const module: unknown;
  export default module;
}
