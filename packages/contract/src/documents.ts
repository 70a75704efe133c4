/** The OpenAPI documents that are committed and served: one per API, and one that lists both. */
import { credhubApi } from './credhub/index.ts';
import { type ApiDescription, openapi } from './openapi.ts';
import { plexsphereApi } from './plexsphere/index.ts';

const VERSION = '1';

/** Every API of the server; a new one is one line here. */
const APIS: Readonly<Record<string, ApiDescription>> = { credhub: credhubApi, plexsphere: plexsphereApi };

/** What `/openapi.json` answers: every API. */
export const wholeDocument = (): Readonly<Record<string, unknown>> =>
  openapi({ title: 'Credplex', version: VERSION }, Object.values(APIS));

/** One per API, by file name. */
export const documents = (): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  Object.fromEntries(
    Object.entries(APIS).map(([name, api]) => [
      name,
      openapi({ title: `Credplex: ${api.tag} API`, version: VERSION }, [api]),
    ]),
  );
