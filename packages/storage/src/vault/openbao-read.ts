/** Reads documents of KV-v2, one request for each version that concurrent callers ask for. */
import { CredError, type SecretDocument, secret } from '@credplex/core';
import { isRecord, type OpenBaoClient } from './openbao-client.ts';
import { corrupt, isMissingMount, mayBeStandbyLag, toVaultError } from './openbao-errors.ts';

interface ReadPlace {
  /** Below the mount, for the log. */
  readonly path: string;
  /** `X-Vault-Index` of the write; absent in rows of earlier releases. */
  readonly index?: string | undefined;
}

/** `target`: path and query of the request. */
export type ReadDocument = (target: string, place: ReadPlace) => Promise<SecretDocument>;

/** The texts of a document, by name. */
type Texts = ReadonlyMap<string, string>;

/**
 * Creates a reader. A version is written once and never changes, so a caller joins the read of another one that is in flight.
 * The reader rejects with CredError `vault_value_missing`, `vault_corrupt`, `vault_unavailable` or `vault_refused`.
 */
export function createDocumentReader(client: Pick<OpenBaoClient, 'request' | 'lastIndex'>): ReadDocument {
  const inFlight = new Map<string, Promise<Texts>>();

  async function read(target: string, { path, index = client.lastIndex() }: ReadPlace): Promise<Texts> {
    let answer = await client.request('GET', target);
    if (mayBeStandbyLag(answer) && index !== undefined) answer = await client.request('GET', target, { index });
    if (answer.status === 404 && !isMissingMount(answer)) {
      const cause = new Error(`OpenBao: ${path}: not there, deleted or destroyed`);
      throw new CredError('vault_value_missing', {}, { cause });
    }
    if (answer.status !== 200) throw toVaultError('read', answer);
    const data = isRecord(answer.json?.data) ? answer.json.data.data : undefined;
    if (!isRecord(data)) throw corrupt(path, 'no document');
    const texts = new Map<string, string>();
    for (const [name, value] of Object.entries(data)) {
      if (typeof value !== 'string') throw corrupt(path, 'a value is not a text');
      texts.set(name, value);
    }
    return texts;
  }

  return async (target, place) => {
    const key = `${target} ${place.index}`;
    let reading = inFlight.get(key);
    if (reading === undefined) {
      reading = read(target, place).finally(() => inFlight.delete(key));
      inFlight.set(key, reading);
    }
    const texts = await reading;
    // Secrets of its own for each caller, which may transfer the bytes of a large one to a thread.
    return Object.fromEntries([...texts].map(([name, text]) => [name, secret(text)]));
  };
}
