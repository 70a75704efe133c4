/**
 * The id of a request: in logs, audit records, events and `X-Correlation-Id`. A caller may bring its own, so that one id
 * follows a request through several systems; what it brings is a name, never a key, as anybody may send it twice.
 */
import { randomUUID } from 'node:crypto';

/** The first that is there and well formed counts. The last is what Cloud Foundry's router sends. */
const NAMES = ['x-request-id', 'x-correlation-id', 'x-vcap-request-id'] as const;

/** Nothing that could end a line of a log or a header, or a header's list. */
const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;

export interface RequestId {
  readonly id: string;
  /** The header that the caller brought it in, and gets it back in; `undefined`: made here. */
  readonly header: string | undefined;
}

/** Returns the id of a request. `read` gives a header by its name in small letters. */
export function requestIdOf(read: (name: string) => string | readonly string[] | null | undefined): RequestId {
  for (const header of NAMES) {
    const sent = read(header);
    if (typeof sent === 'string' && WELL_FORMED.test(sent)) return { id: sent, header };
  }
  return { id: randomUUID(), header: undefined };
}
