import pg from "pg";

/** Runs statements as the superuser of this URL. */
export async function run(url: string, text: string): Promise<pg.QueryResult<{ line: string }>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

/** The column `line` of what a query gives. */
export async function lines(url: string, query: string): Promise<string[]> {
  return (await run(url, query)).rows.map(({ line }) => line);
}

/** Gives the sample's role `rollcall` a password; its URL. */
export async function asRollcall(url: string): Promise<string> {
  await run(url, "ALTER ROLE rollcall PASSWORD 'rollcall-secret'");
  const own = new URL(url);
  [own.username, own.password] = ["rollcall", "rollcall-secret"];
  return own.href;
}
