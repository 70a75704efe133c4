/**
 * What a credential type is. A type is one file beside this one and a line in `index.ts`: how a set value is read, how a value
 * is generated, when a stored one converges with a request, how it is regenerated, and what of it shows without a secret.
 */
import type { CertificateSettings } from '../credentials/service.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Pki } from '../ports/pki.ts';
import type { PlainParts } from '../ports/records.ts';
import type { Secret } from '../secret.ts';
import type { Field, Shape } from './fields.ts';

export interface Tools {
  readonly entropy: Entropy;
  readonly clock: Clock;
  readonly pki: Pki;
  readonly level: Level;
  readonly certificates: CertificateSettings;
}

/** A finished value: what is sealed, what stands beside it in plain columns. */
export interface Made {
  /** JSON text of the value as it is returned (server-facts 1.6), complete: hashes and fingerprints too. */
  readonly value: Secret;
  readonly plain: PlainParts;
  readonly certificate?: MadeCertificate | undefined;
}

/** What an answer of generate and regenerate says beside the stored facts. */
export interface MadeCertificate {
  readonly durationOverridden: boolean;
  /** Days. */
  readonly durationUsed: number;
  readonly keyLength: number;
}

/** A stored version, its secret opened only when asked. */
export interface Stored {
  readonly name: string;
  readonly plain: PlainParts;
  open(): Promise<JsonNode>;
}

/** The CA that a certificate names, already found, readable and a CA. */
export interface SigningCa {
  /** First spelling, with its slash. */
  readonly name: string;
  /** PEM of the version that signs. */
  readonly certificate: string;
  /** PEM of the other version of a CA that rotates; `null` where there is none. */
  readonly trusted: string | null;
  /** undefined where no key is stored. */
  readonly privateKey: Secret | undefined;
}

/** A set value that passed every check that needs no other credential. */
export interface SetPlan {
  /** Name of the CA to look up before {@link make}. */
  readonly ca?: string | undefined;
  /** A part too large for its column: `exceeds_maximum_size`, once permissions have been looked at. */
  readonly oversized: boolean;
  /** `true`: making it costs less than asking the database. */
  readonly cheap: boolean;
  make(name: string, ca?: SigningCa): Made | Promise<Made>;
}

/** A generation whose parameters are valid. */
export interface GeneratePlan {
  readonly ca?: string | undefined;
  readonly oversized: boolean;
  /** `true`: making it costs less than asking the database. */
  readonly cheap: boolean;
  make(name: string, ca?: SigningCa, signal?: AbortSignal): Promise<Made>;
  /** Whether the stored version is what this request would make (server-facts 4.3). */
  converges(stored: Stored, ca?: SigningCa): boolean;
  /** What the answer says when the stored version is returned. */
  existing?(stored: Stored): MadeCertificate;
}

export interface Generation {
  readonly parameters: Readonly<Record<string, Field<unknown>>>;
  /**
   * Reads `parameters` (undefined: absent) and, where the type has it, the old `value` of a generate request: kinds and unknown
   * keys only. The result gives the plan, checking the rules, when it is called: names are checked between the two.
   */
  bind(request: { parameters: JsonNode | undefined; value: JsonNode | undefined }, tools: Tools): () => GeneratePlan;
  /** Whether a generate request may hold `value`. */
  readonly takesValue?: boolean;
  /** The plan that makes the next version of a stored one. @throws CredError `cannot_regenerate_…` */
  again(stored: Stored, tools: Tools, options?: AgainOptions): GeneratePlan | Promise<GeneratePlan>;
}

/** Options of the certificates API. */
export interface AgainOptions {
  readonly keyLength?: number | undefined;
  readonly duration?: number | undefined;
  readonly transitional?: boolean | undefined;
}

export interface CredentialType {
  readonly name: string;
  /** The value as it is set. */
  readonly value: Shape;
  /** @param value never null. @throws CredError in CredHub's order of checks */
  set(value: JsonNode, tools: Tools): SetPlan;
  readonly generation?: Generation;
}

export const NO_PLAIN_PARTS: PlainParts = { parameters: null, username: null, publicKey: null, certificate: null };

/** CredHub's columns of user names, public keys and certificates (server-facts 8.2). */
export const COLUMN_LIMIT = 7000;

export const oversized = (...parts: readonly (string | null | undefined)[]): boolean =>
  parts.some((part) => part !== null && part !== undefined && part.length > COLUMN_LIMIT);
