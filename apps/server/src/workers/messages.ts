/** What the supervisor and its workers send each other over the IPC channel. Both are of one release. */
import { Secret, secret } from '@credplex/core';
import type { Config } from '../config.ts';
import type { Topic, Topics } from '../coordination.ts';

export type TopicEvent = { [T in Topic]: { readonly topic: T; readonly value: Topics[T] } }[Topic];

export type ToWorker =
  | {
      readonly kind: 'start';
      readonly number: number;
      /** Of {@link encodeConfig}. */
      readonly config: unknown;
      readonly readOnly: boolean;
    }
  | { readonly kind: 'event'; readonly id: number; readonly event: TopicEvent }
  /** Every worker has applied what was published under `id`. */
  | { readonly kind: 'published'; readonly id: number }
  | { readonly kind: 'turn'; readonly id: number; readonly granted: boolean }
  | { readonly kind: 'stop' };

export type ToSupervisor =
  | { readonly kind: 'ready'; readonly url: string; readonly greeting: string }
  /** Why the worker cannot start, for the operator. */
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'publish'; readonly id: number; readonly event: TopicEvent }
  | { readonly kind: 'applied'; readonly id: number }
  | { readonly kind: 'turn'; readonly id: number; readonly key: string }
  | { readonly kind: 'turn_end'; readonly id: number };

const SECRET = '$secret';

/** Returns the configuration as plain data. It holds secrets, and goes nowhere but into the channel of a worker. */
export function encodeConfig(config: Config): unknown {
  return mapLeaves(config, (value) => (value instanceof Secret ? { [SECRET]: value.reveal() } : undefined));
}

export function decodeConfig(encoded: unknown): Config {
  return mapLeaves(encoded, (value) => {
    const text = (value as Readonly<Record<string, unknown>>)[SECRET];
    return typeof text === 'string' ? secret(text) : undefined;
  }) as Config;
}

/** Copies lists and objects; `replace` may give another value for an object. */
function mapLeaves(value: unknown, replace: (value: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((one) => mapLeaves(one, replace));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapLeaves(inner, replace)]));
}
