/** The OpenAPI documents that are committed and served: one per API, and one that lists both. */
import { LEVELS, type Level } from '@credplex/core';
import { credhubApi } from './credhub/index.ts';
import { type ApiDescription, openapi } from './openapi.ts';
import { plexsphereApi } from './plexsphere/index.ts';

type Document = Readonly<Record<string, unknown>>;

const VERSION = '1';

function documentOf(title: string, ...apis: readonly ApiDescription[]): Document {
  return openapi({ title: `Credplex: ${title}`, version: VERSION }, apis);
}

/** What `/openapi.json` answers at a level: every API. */
export function wholeDocument(level: Level): Document {
  return documentOf('all APIs', credhubApi(level), plexsphereApi);
}

/** What `/v1/openapi.json` answers. */
export function plexsphereDocument(): Document {
  return documentOf('Plexsphere API', plexsphereApi);
}

/** Those that are committed, by file name. */
export function documents(): Readonly<Record<string, Document>> {
  return {
    credhub: documentOf('CredHub API, level 2', credhubApi(LEVELS[2])),
    'credhub-level-1': documentOf('CredHub API, level 1', credhubApi(LEVELS[1])),
    plexsphere: plexsphereDocument(),
  };
}
