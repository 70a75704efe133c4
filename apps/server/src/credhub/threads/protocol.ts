/** The messages between the main thread and the threads of `pool.ts`: plain data; large buffers are transferred, not copied. */

import type { BodyReading } from '@credplex/contract';
import { CredError, type ErrorCode, type Secret, type SecretDocument, secret } from '@credplex/core';
import { AuthRefused, type Refusal } from '../../auth/refusal.ts';
import type { Trace } from '../context.ts';

/** A request that is handled in a thread. */
export interface Job {
  readonly routeId: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly bytes: Uint8Array;
  /** Length of {@link bytes}, which is lost when they are transferred. */
  readonly size: number;
  readonly contentType: string | undefined;
  readonly optional: boolean;
  readonly reading: BodyReading | undefined;
  /** `undefined` for a token without an actor. */
  readonly actor: string | undefined;
  readonly requestId: string;
}

/** The response of a thread. */
export interface JobResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** `null`: no body. */
  readonly pieces: readonly Uint8Array[] | null;
  readonly trace: Trace;
}

export type PortName = 'records' | 'permissions' | 'intents' | 'readAudit' | 'vault' | 'sealing';

export interface Call {
  readonly id: number;
  readonly port: PortName;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type WireError =
  | {
      readonly kind: 'domain';
      readonly code: ErrorCode;
      readonly args: Readonly<Record<string, string>>;
      readonly cause: string;
    }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'other'; readonly message: string; readonly stack: string | undefined };

export type ToThread =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: WireError };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly error: WireError; readonly trace: Trace };

export function toWireError(error: unknown): WireError {
  if (error instanceof CredError) {
    const { code, args, cause } = error;
    return { kind: 'domain', code, args, cause: cause instanceof Error ? cause.message : '' };
  }
  if (error instanceof AuthRefused) return { kind: 'refusal', refusal: error.refusal };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'other', message, stack };
}

export function fromWireError(error: WireError): Error {
  switch (error.kind) {
    case 'domain':
      return new CredError(error.code, error.args, error.cause === '' ? {} : { cause: new Error(error.cause) });
    case 'refusal':
      return new AuthRefused(error.refusal);
    default:
      return Object.assign(new Error(error.message), { stack: error.stack });
  }
}

type WireDocument = Readonly<Record<string, string | Uint8Array>>;

/** Converts a document to plain data; large texts as bytes. */
export function toWireDocument(document: SecretDocument): WireDocument {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [
      name,
      value.isBytes || value.size > LARGE_BYTES ? value.revealBytes() : value.reveal(),
    ]),
  );
}

export function fromWireDocument(document: WireDocument): Record<string, Secret> {
  return Object.fromEntries(Object.entries(document).map(([name, content]) => [name, secret(content)]));
}

/** Smaller buffers are copied, because they may be views of a shared pool. */
const LARGE_BYTES = 256 * 1024;
const MAX_DEPTH = 7;

/** Returns the large buffers in plain data, to transfer them. The sender must not use them afterwards. */
export function largeBuffers(value: unknown, depth = 0): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  if (value instanceof Uint8Array) {
    const { buffer } = value;
    return value.byteLength > LARGE_BYTES && buffer instanceof ArrayBuffer ? [buffer] : [];
  }
  const children = Array.isArray(value) ? value : Object.values(value);
  return [...new Set(children.flatMap((child) => largeBuffers(child, depth + 1)))];
}
