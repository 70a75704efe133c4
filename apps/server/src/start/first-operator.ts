/**
 * The first operator: user `admin`, client `credplex_admin`, a Plexsphere token, and what they may do. Made once per database,
 * however many servers start on it at once, and whole whenever a start was cut off half-way: the secrets are in a pending
 * file before the database knows them, and `operator.json` appears when everything holds.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AccountRecords,
  type ClientRow,
  type Clock,
  type Entropy,
  OPERATIONS,
  type Operation,
  type Secret,
  secret,
  uuidV7,
} from '@credplex/core';
import * as z from 'zod';
import { generatedVerifier, generateSecret, PUBLIC_CLIENT } from '../auth/issuer/verifiers.ts';
import { readIfThere, writeWhole } from './data-folder.ts';

const FIRST_USER = 'admin';
const FIRST_CLIENT = 'credplex_admin';
/** The scopes that CredHub's API requires (docs/reference/credhub-server.md#authentication). */
export const CREDHUB_SCOPES = ['credhub.read', 'credhub.write'] as const;

/** The client that the `credhub` command line logs users in with: public, its secret is empty. */
const CLI_CLIENT = 'credhub_cli';

export interface FirstOperatorDeps {
  readonly accounts: AccountRecords;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly seedPermissions: (
    entries: readonly { path: string; actors: readonly string[]; operations: readonly Operation[] }[],
  ) => Promise<void>;
  /** Makes the user the platform's administrator and gives it a token; tokens of a start that was cut off are dropped. */
  readonly plexsphereToken: (userId: string) => Promise<Secret>;
  readonly folder: string;
  readonly url: string;
  /** Of {@link ServerIdentity}. */
  readonly caFile: string | undefined;
  /** Whether CredHub's tokens come from our issuer; from an outside UAA, our client is nobody there. */
  readonly issuer: boolean;
}

export type FirstOperatorResult =
  /** This start made it; its secrets are in `file`. */
  | { readonly outcome: 'made'; readonly file: string }
  /** An earlier start, or another replica did. `file` when the secrets still lie in this data folder. */
  | { readonly outcome: 'there'; readonly file: string | undefined };

const pendingSchema = z.object({
  user_id: z.uuid(),
  password: z.string(),
  client_secret: z.string(),
});
type Pending = z.output<typeof pendingSchema>;

export async function firstOperator(deps: FirstOperatorDeps): Promise<FirstOperatorResult> {
  const file = join(deps.folder, 'operator.json');
  const pendingFile = join(deps.folder, 'operator.pending.json');
  const known = await deps.accounts.firstOperator();
  const earlier = readPending(pendingFile);
  if (known !== undefined && known !== earlier?.user_id) {
    rmSync(pendingFile, { force: true });
    return { outcome: 'there', file: existsSync(file) ? file : undefined };
  }
  // Cut off after its last step: only the tidying is left.
  if (known !== undefined && existsSync(file)) {
    rmSync(pendingFile, { force: true });
    return { outcome: 'made', file };
  }

  const pending: Pending = earlier ?? {
    user_id: uuidV7(deps.clock, deps.entropy),
    password: generateSecret().reveal(),
    client_secret: generateSecret().reveal(),
  };
  if (earlier === undefined) writeWhole(pendingFile, JSON.stringify(pending), 0o600);
  if (known === undefined && (await claim(deps, pending)) === 'taken') {
    rmSync(pendingFile, { force: true });
    return { outcome: 'there', file: existsSync(file) ? file : undefined };
  }

  const actors = [`uaa-user:${pending.user_id}`, ...(deps.issuer ? [`uaa-client:${FIRST_CLIENT}`] : [])];
  await deps.seedPermissions([{ path: '/*', actors, operations: OPERATIONS }]);
  const token = await deps.plexsphereToken(pending.user_id);
  const operator = {
    url: deps.url,
    ca: deps.caFile ?? null,
    user: FIRST_USER,
    password: pending.password,
    client: FIRST_CLIENT,
    client_secret: pending.client_secret,
    plexsphere_token: token.reveal(),
  };
  writeWhole(file, `${JSON.stringify(operator, null, 2)}\n`, 0o600);
  rmSync(pendingFile, { force: true });
  return { outcome: 'made', file };
}

function claim(deps: FirstOperatorDeps, pending: Pending): Promise<'claimed' | 'taken'> {
  const now = deps.clock.now();
  const clients: ClientRow[] = [
    {
      id: FIRST_CLIENT,
      verifier: generatedVerifier(secret(pending.client_secret)),
      grantTypes: ['client_credentials'],
      scopes: CREDHUB_SCOPES,
      createdAt: now,
    },
    {
      id: CLI_CLIENT,
      verifier: PUBLIC_CLIENT,
      grantTypes: ['password', 'refresh_token'],
      scopes: CREDHUB_SCOPES,
      createdAt: now,
    },
  ];
  return deps.accounts.claimFirstOperator({
    user: {
      id: pending.user_id,
      name: FIRST_USER,
      verifier: generatedVerifier(secret(pending.password)),
      scopes: CREDHUB_SCOPES,
      createdAt: now,
    },
    clients,
    audit: {
      at: now,
      requestId: deps.entropy.uuid(),
      actor: 'operator',
      action: 'first_operator.make',
      resource: `user:${pending.user_id}`,
      details: { clients: clients.map(({ id }) => id) },
    },
  });
}

function readPending(file: string): Pending | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    const parsed = pendingSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
