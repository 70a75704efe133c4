import type { Sealed } from './vault.ts';

/** Sealed secrets that all replicas share, such as signing keys and cursor keys. */
export interface SharedSecrets {
  get(name: string): Promise<{ id: string; sealed: Sealed } | undefined>;
  /** Stores unless the name is taken; resolves to what is stored now (the first writer wins). */
  putIfAbsent(name: string, entry: { id: string; sealed: Sealed }): Promise<{ id: string; sealed: Sealed }>;
  replace(name: string, entry: { id: string; sealed: Sealed }): Promise<void>;
  /** Entries whose name begins with `prefix` (`''`: all), by name. */
  list(prefix: string): Promise<{ name: string; id: string; sealed: Sealed }[]>;
  /** Deletes an entry. Succeeds if it does not exist. */
  remove(name: string): Promise<void>;
}
