import { openDatabase } from '@credplex/storage';

/** Every row of every table as text, bytes both as hex and as they are. */
export async function dumpDatabase(url: string): Promise<string> {
  const database = openDatabase(url);
  const tables = await database.slowQuery<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.slowQuery<{ text: string }>(`select t::text as text from ${name} t`);
    for (const { text } of rows) {
      texts.push(text);
      for (const [hex] of text.matchAll(/\\+x[0-9a-f]+/g)) {
        texts.push(Buffer.from(hex.replace(/^\\+x/, ''), 'hex').toString('latin1'));
      }
    }
  }
  await database.close();
  return texts.join('\n');
}
