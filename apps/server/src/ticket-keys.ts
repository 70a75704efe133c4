/**
 * The keys of TLS session tickets. All workers and servers with one database and the same `tls.client_ca` share a key, so that a
 * session that one of them began is resumed by any other. Each key serves one hour of the clock and is created with put-if-absent
 * (`tls/tickets/<digest of tls.client_ca>/<hour>`). No earlier key is kept: its tickets cost their clients one full handshake.
 */
import {
  type Clock,
  CredError,
  type Entropy,
  type SecretRef,
  type SecretVault,
  type SharedSecrets,
  secret,
} from '@credplex/core';
import { TICKET_KEY_BYTES } from './session-ticket.ts';

const PREFIX = 'tls/tickets/';
const HOUR_MS = 3_600_000;

export interface TicketKeys {
  /** Returns the key of new tickets: the shared one, or one of this process alone while that could not be read. */
  current(): Buffer;
  /**
   * Takes up the key of this hour. The key of an earlier hour is dropped first, whether the database answers or not.
   *
   * @throws the errors of database and vault; the key of this process is in use then
   */
  refresh(): Promise<void>;
  /** Calls `use` with each further key. */
  onChange(use: (key: Buffer) => void): void;
}

export interface TicketKeyDeps {
  readonly shared: SharedSecrets;
  readonly vault: Pick<SecretVault, 'seal' | 'open' | 'destroy'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Digest of the trust anchors of client certificates: a session holds only where the same ones are trusted. */
  readonly trustDigest: string;
}

export function createTicketKeys(deps: TicketKeyDeps): TicketKeys {
  const hourNow = (): number => Math.floor(deps.clock.now().getTime() / HOUR_MS);
  const randomKey = (): Buffer => Buffer.from(deps.entropy.bytes(TICKET_KEY_BYTES));
  let key = randomKey();
  let hour = hourNow();
  let isShared = false;
  let use: (key: Buffer) => void = () => undefined;
  const change = (next: Buffer): void => {
    key = next;
    use(key);
  };
  return {
    current: () => key,
    async refresh() {
      const due = hourNow();
      if (isShared && hour === due) return;
      if (hour !== due) {
        hour = due;
        isShared = false;
        change(randomKey());
      }
      change(await sharedKey(deps, due, randomKey));
      isShared = true;
    },
    onChange(listener) {
      use = listener;
    },
  };
}

function entryName(trustDigest: string, hour: number): string {
  return `${PREFIX}${trustDigest}/${hour}`;
}

/** An id contains the name, so that an entry that was copied to another name does not open there. */
function secretRef(name: string, id: string): SecretRef {
  if (!id.startsWith(`${name}/`)) throw new CredError('internal');
  return { purpose: 'shared', id, path: `shared/${id}` };
}

/** Returns the key of an hour, which is created by the first process that asks. */
async function sharedKey(deps: TicketKeyDeps, hour: number, randomKey: () => Buffer): Promise<Buffer> {
  const { shared, vault } = deps;
  const name = entryName(deps.trustDigest, hour);
  const known = await shared.get(name);
  if (known !== undefined) return openKey(deps, name, known);
  const id = `${name}/${deps.entropy.uuid()}`;
  const made = randomKey();
  const sealed = await vault.seal(secretRef(name, id), { key: secret(made.toString('base64')) });
  const stored = await shared.putIfAbsent(name, { id, sealed });
  if (stored.id !== id) {
    await vault.destroy(secretRef(name, id), sealed.keyId);
    return openKey(deps, name, stored);
  }
  await deleteBefore(deps, hour);
  return made;
}

type Entry = NonNullable<Awaited<ReturnType<SharedSecrets['get']>>>;

async function openKey({ vault }: TicketKeyDeps, name: string, { id, sealed }: Entry): Promise<Buffer> {
  const document = await vault.open(secretRef(name, id), sealed);
  const key = Buffer.from(document.key?.reveal() ?? '', 'base64');
  if (key.length !== TICKET_KEY_BYTES) throw new CredError('internal');
  return key;
}

/** Deletes the keys of earlier hours, for any trust anchors. */
async function deleteBefore({ shared, vault }: TicketKeyDeps, hour: number): Promise<void> {
  for (const { name, id, sealed } of await shared.list(PREFIX)) {
    if (!(Number(name.slice(name.lastIndexOf('/') + 1)) < hour)) continue;
    await shared.remove(name);
    await vault.destroy({ purpose: 'shared', id, path: `shared/${id}` }, sealed.keyId);
  }
}
