import type { Connector, StoreConnection } from "../connectors/contract.ts";
import type { Resource } from "../core/kinds/resource.ts";
import type { PasswordDesk } from "./password-desk.ts";

/** How the engine gets at stores: given by `main`, which alone knows the connectors. */
export interface Stores {
  connect(store: Resource<"Store">): StoreConnection;
  /** The accounts of a target, wrapped with retries, limits and measures. Records carry what the target's mappings and rules name, and `more`. */
  target(
    connection: StoreConnection,
    store: Resource<"Store">,
    target: Resource<"Target">,
    more?: readonly string[],
  ): Connector;
  /** The ways of a target's passwords. Opens nothing by itself. */
  passwords(store: Resource<"Store">, target: Resource<"Target">): PasswordDesk;
}
