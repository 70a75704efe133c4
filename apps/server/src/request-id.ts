/**
 * The id of a request, for logs, audit records, events and `X-Correlation-Id`. A caller may send its own id, to follow a request
 * through several systems. Ids are therefore not unique and must never be used as a key.
 */
import { randomUUID } from 'node:crypto';

/** The first header that is present and well formed is used. Cloud Foundry's router sends the last one. */
const NAMES = ['x-request-id', 'x-correlation-id', 'x-vcap-request-id'] as const;

/** Excludes characters that could end a log line, a header or a list element. */
const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;

export interface RequestId {
  readonly id: string;
  /** The header in which the caller sent the id and gets it back; `undefined` for a generated id. */
  readonly header: string | undefined;
}

/** Returns the id of a request. `read` returns a header by its lower-case name. */
export function requestIdOf(read: (name: string) => string | readonly string[] | null | undefined): RequestId {
  for (const header of NAMES) {
    const sent = read(header);
    if (typeof sent === 'string' && WELL_FORMED.test(sent)) return { id: sent, header };
  }
  return { id: randomUUID(), header: undefined };
}
