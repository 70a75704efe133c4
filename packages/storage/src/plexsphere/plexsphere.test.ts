import { afterAll } from 'vitest';
import { plexsphereConformance } from '../conformance/plexsphere.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createIntents } from '../vault/intents.ts';
import { createPlexsphereRecords } from './plexsphere.ts';

const opened: Database[] = [];
afterAll(() => Promise.all(opened.map((db) => db.close())));

plexsphereConformance('PostgreSQL', async () => {
  const db = openDatabase(await createDatabase());
  opened.push(db);
  const intents = createIntents(db);
  return {
    records: createPlexsphereRecords(db),
    audited: async () => {
      const rows = await db.slowQuery<{ action: string }>('select action from audit_event order by id');
      return rows.map(({ action }) => action);
    },
    intent: async (state) => {
      const intent = await intents.open('clouds/x', {
        purpose: 'cloud_credential',
        id: 'x',
        keyId: 'openbao:secret/credplex',
      });
      if (state === 'gone') {
        const at = new Date(Date.now() + 60_000);
        await intents.claimStale({ openedBefore: at, at, limit: 1000 });
      }
      return intent;
    },
  };
});
