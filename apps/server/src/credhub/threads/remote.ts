/** The thread's side of `ports.ts`: implements the ports of the domain by messages to the main thread. */
import type { MessagePort } from 'node:worker_threads';
import type { SecretVault } from '@credplex/core';
import { type MessageCipher, sealWith } from '@credplex/storage/sealing';
import {
  type FromThread,
  fromWireDocument,
  fromWireError,
  largeBuffers,
  type PortName,
  type ToThread,
  toWireDocument,
} from './protocol.ts';

export interface Remote {
  call<T>(port: PortName, method: string, ...args: readonly unknown[]): Promise<T>;
  /** Returns a port whose methods are calls to the main thread. */
  port<T extends object>(name: PortName): T;
  /** Handles an answer of the main thread. */
  receive(message: ToThread): void;
}

export function createRemote(parent: MessagePort): Remote {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  const call = <T>(port: PortName, method: string, ...args: readonly unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
      const message: FromThread = { kind: 'call', call: { id: lastId, port, method, args } };
      parent.postMessage(message, largeBuffers(args));
    });
  return {
    call,
    port: <T extends object>(name: PortName): T =>
      new Proxy({} as T, {
        get:
          (_, method) =>
          (...args: readonly unknown[]) =>
            call(name, String(method), ...args),
      }),
    receive(message) {
      if (message.kind === 'job') return;
      const pending = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'answer') pending?.resolve(message.value);
      else pending?.reject(fromWireError(message.error));
    },
  };
}

export interface VaultInfo {
  readonly remote: boolean;
  readonly activeKeyId: string;
  readonly knownKeyIds: readonly string[];
}

/**
 * Creates the vault of a thread. Values for the row are sealed in the thread, with a key that the main thread derives for that
 * message; all other operations run in the main thread.
 */
export function createRemoteVault({ call }: Remote, info: VaultInfo): SecretVault {
  return {
    remote: info.remote,
    activeKeyId: () => info.activeKeyId,
    knownKeyIds: () => info.knownKeyIds,
    async seal(ref, document) {
      // A copy is transferred, because the answer also shows the value.
      if (info.remote) return call('vault', 'seal', ref, structuredClone(toWireDocument(document)));
      return sealWith(await call<MessageCipher>('sealing', 'messageCipher'), ref, document);
    },
    open: async (ref, sealed) => fromWireDocument(await call('vault', 'open', ref, sealed)),
    revoke: (ref, sealed) => call('vault', 'revoke', ref, sealed),
    destroy: (ref) => call('vault', 'destroy', ref),
    check: () => call('vault', 'check'),
  };
}
