/** The two tables of a version, under the names that statements of this folder share. */
import { alias } from 'drizzle-orm/pg-core';
import { credential, credentialVersion } from '../schema/index.ts';

export const c = alias(credential, 'c');
export const v = alias(credentialVersion, 'v');
