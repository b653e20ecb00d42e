import { chmod } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import { failure, scan } from "../contract/bench.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { giveToServers } from "../support/server-process.ts";
import { mysqlDialects, startSetting } from "./mariadb-setting.ts";
import { startPostgresSetting } from "./postgres-setting.ts";

/** A server with this certificate, and a target that reaches it under a name or an address. */
interface Served {
  target(host: string, ca?: string): Connector;
  stop(): Promise<void>;
}

const trusting = (ca: string | undefined) =>
  ca === undefined ? {} : { store: { ca: { env: "CA" } }, secrets: { CA: ca } };

async function postgres({ certificateFile, keyFile }: Certificates): Promise<Served> {
  const settings = ["ssl=on", `ssl_cert_file=${certificateFile}`, `ssl_key_file=${keyFile}`];
  const setting = await startPostgresSetting({ settings });
  const { url } = await setting.fresh();
  return {
    target: (host, ca) => setting.target(url.replace("127.0.0.1", host), trusting(ca)),
    stop: () => setting.stop(),
  };
}

const mysql =
  (dialect: "mariadb" | "mysql") =>
  async (certificates: Certificates): Promise<Served> => {
    const options = [`--ssl-cert=${certificates.certificateFile}`, `--ssl-key=${certificates.keyFile}`];
    const setting = await startSetting(dialect, { options });
    await setting.fresh();
    return {
      target: (host, ca) => setting.target(setting.url().replace("127.0.0.1", host), trusting(ca)),
      stop: () => setting.stop(),
    };
  };

describe.each([
  ["PostgreSQL", postgres],
  ...mysqlDialects.map(([name, dialect]) => [name, mysql(dialect)] as const),
] as const)("TLS to %s", (name, start) => {
  let folder: Folder;
  let certificates: Certificates;
  let served: Served;
  beforeAll(async () => {
    folder = await makeFolder("certificates");
    // It is for `localhost`, and for an address that is not the server's.
    certificates = await makeCertificates(folder.path, ["127.0.0.9"]);
    await chmod(folder.path, 0o755);
    await giveToServers(certificates.keyFile);
    served = await start(certificates);
  });
  afterAll(async () => {
    await served.stop();
    await folder.remove();
  });

  it("is given to a server that the CA vouches for, by its name", async () => {
    expect(await scan(served.target("localhost", certificates.ca.text))).toEqual([]);
  });

  it("is refused to one that only another CA vouches for", async () => {
    const error = await failure(scan(served.target("localhost", certificates.otherCa.text)));
    expect(error.message).toMatch(/certificate/);
  });

  it("is refused to an address that the certificate does not have, though it has the name localhost", async () => {
    const error = await failure(scan(served.target("127.0.0.1", certificates.ca.text)));
    expect(error.message).toMatch(name === "PostgreSQL" ? /127[.]0[.]0[.]1/ : /name the host/);
  });
});
