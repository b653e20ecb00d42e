import type { Call, StoreConnection } from "../contract.ts";
import type { Connection } from "./connection.ts";
import { targetConnector } from "./connector.ts";
import type { Directory } from "./directory.ts";
import { type Lease, Pool } from "./pool.ts";
import type { Server } from "./server.ts";
import type { Shape } from "./shape.ts";
import type { Subschema } from "./subschema.ts";

/** What a kind of directory brings: how it is reached and read, and what its target blocks mean. */
export interface Family<TargetBlock> {
  /** Sessions to have open at once, at most. */
  readonly connections: number;
  readonly pageSize: number;
  readonly transactions: Directory["transactions"];
  /** A connection that is logged in. */
  open(call: Call): Promise<Connection>;
  /** Changes when another server comes to be worked with. Absent: it never does. */
  readonly epoch?: () => unknown;
  /** Where a schema is given it is taken for the server's: reading one can take longer than all else of a pass that finds nothing to do. */
  readServer(connection: Connection, call: Call, schema: Subschema | undefined): Promise<Server>;
  readFingerprint(connection: Connection, server: Server, call: Call): Promise<string>;
  shape(block: TargetBlock): Shape;
}

export function connectDirectory<TargetBlock>(family: Family<TargetBlock>): StoreConnection<TargetBlock> {
  const { connections, pageSize, transactions } = family;
  const pool = new Pool(connections, (call) => family.open(call));
  let known: { readonly server: Server; readonly epoch: unknown } | undefined;
  const read = async ({ connection }: Lease, call: Call, schema?: Subschema): Promise<Server> => {
    const epoch = family.epoch?.();
    const server = await family.readServer(connection, call, schema);
    known = { epoch, server };
    return server;
  };
  const server = async (lease: Lease, call: Call, fresh = false): Promise<Server> => {
    const last = fresh || known?.epoch !== family.epoch?.() ? undefined : known;
    const server = last?.server ?? (await read(lease, call));
    await server.dialect.refresh?.(lease.connection, call);
    return server;
  };
  return {
    async fingerprint(call) {
      using lease = await pool.lease(call);
      const schema = known?.epoch === family.epoch?.() ? known?.server.subschema : undefined;
      return await family.readFingerprint(lease.connection, await read(lease, call, schema), call);
    },
    target({ block, attributes }) {
      return targetConnector({
        pool,
        shape: family.shape(block),
        attributes,
        pageSize,
        transactions,
        server,
      });
    },
    close: async () => pool.close(),
  };
}
