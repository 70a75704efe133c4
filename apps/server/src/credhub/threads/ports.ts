/** The ports that worker threads may call in the main thread, which owns connections, keys and queues. */
import type { ReadAudit, Sealed, VersionRow } from '@credplex/core';
import type { Storage } from '@credplex/storage';
import { type Call, fromWireDocument, type PortName, toWireDocument } from './protocol.ts';

type Method = (...args: never[]) => unknown;
type Port = Readonly<Record<string, Method | unknown>>;

const LARGE_BYTES = 256 * 1024;
const NO_BYTES = new Uint8Array();

/** Removes a large value that was just written, because the thread has it already. */
function deferLargeValue(sealed: Sealed): Sealed {
  return sealed.bytes.length <= LARGE_BYTES
    ? sealed
    : { ...sealed, bytes: NO_BYTES, deferredBytes: sealed.bytes.length };
}
function withoutLargeValue(row: VersionRow): VersionRow {
  return { ...row, sealed: deferLargeValue(row.sealed) };
}

/** Frees a transferred buffer immediately after its write instead of at the next garbage collection. */
function free({ byteLength, buffer }: Uint8Array): void {
  if (byteLength > LARGE_BYTES && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

export function createPorts(
  storage: Pick<Storage, 'credentials' | 'permissions' | 'intents' | 'vault' | 'keyRing'>,
  readAudit: ReadAudit,
): (call: Call) => Promise<unknown> {
  const { credentials, permissions, intents, vault, keyRing } = storage;
  const ports: Readonly<Record<PortName, Port>> = {
    records: {
      ...credentials,
      async write(request: Parameters<typeof credentials.write>[0]) {
        const result = await credentials.write(request);
        const answer = result.outcome === 'written' ? { ...result, row: withoutLargeValue(result.row) } : result;
        free(request.version.sealed.bytes);
        return answer;
      },
      async changeCertificates(request: Parameters<typeof credentials.changeCertificates>[0]) {
        const result = await credentials.changeCertificates(request);
        return result.outcome === 'written' ? { ...result, rows: result.rows.map(withoutLargeValue) } : result;
      },
    },
    permissions: { ...permissions },
    intents: { ...intents },
    readAudit: { append: readAudit.append },
    vault: {
      ...vault,
      open: async (...args: Parameters<typeof vault.open>) => toWireDocument(await vault.open(...args)),
      seal: (ref: Parameters<typeof vault.seal>[0], document: ReturnType<typeof toWireDocument>) =>
        vault.seal(ref, fromWireDocument(document)),
    },
    sealing: { messageCipher: keyRing.messageCipher },
  };
  return async ({ port, method, args }) => {
    const implementation = Object.hasOwn(ports[port], method) ? ports[port][method] : undefined;
    if (typeof implementation !== 'function') throw new TypeError(`a thread asked for ${port}.${method}`);
    return (implementation as (...given: readonly unknown[]) => unknown)(...args);
  };
}
