/** The first page that has something on it; none at the end. */
export async function firstPage<T>(pages: AsyncGenerator<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const { value, done } = await pages.next();
    if (done) return [];
    if (value.length > 0) return value;
  }
}
