/**
 * What a credential type is. A type is one file beside this one and a line in `table.ts`: how a set value is read, how
 * a value is generated, when a stored one converges with a request, how it is regenerated, and what of it shows without
 * a secret.
 */
import type { CertificateSettings } from '../certificate-settings.ts';
import type { CredError, ErrorCode } from '../errors.ts';
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
export interface CredentialContent {
  /**
   * JSON text of the value as the API returns it, with hashes and fingerprints
   * (docs/reference/credhub-server.md#credential-object).
   */
  readonly value: Secret;
  readonly plain: PlainParts;
  readonly certificate?: GenerationDetails | undefined;
}

/** What an answer of generate and regenerate says beside the stored facts. */
export interface GenerationDetails {
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
  /** A fault that only a caller who may write is told, before the CA is looked up. */
  readonly fault?: CredError | undefined;
  /** Name of the CA to look up before {@link make}. */
  readonly ca?: string | undefined;
  /** Refuses the CA that was found, before the type of the stored credential is looked at. @throws CredError */
  checkCa?(ca: SigningCa): void;
  /** A part too large for its column: `exceeds_maximum_size`, once permissions have been looked at. */
  readonly oversized: boolean;
  /** `true`: making it costs less than asking the database. */
  readonly cheap: boolean;
  make(name: string, ca?: SigningCa): CredentialContent | Promise<CredentialContent>;
}

/** A generation whose parameters are valid. */
export interface GeneratePlan {
  readonly ca?: string | undefined;
  readonly oversized: boolean;
  /** `true`: making it costs less than asking the database. */
  readonly cheap: boolean;
  make(name: string, ca?: SigningCa, signal?: AbortSignal): Promise<CredentialContent>;
  /** Whether the stored version is what this request would make (docs/reference/credhub-server.md#converge). */
  converges(stored: Stored, ca?: SigningCa): boolean;
  /** What the answer says when the stored version is returned. */
  existing?(stored: Stored): GenerationDetails;
}

export interface Generation {
  readonly parameters: Readonly<Record<string, Field<unknown>>>;
  /** The error for a request without `parameters`, or with null. Absent: it takes the defaults. */
  readonly withoutParameters?: { readonly missing: ErrorCode; readonly null: ErrorCode };
  /** The old `value` of a generate request. Absent: such a request may not hold it. */
  readonly value?: Shape;
  /** Reads `parameters` of a request: kinds and unknown keys only. */
  readParameters(node: JsonNode): unknown;
  /** Reads {@link value}, likewise. */
  readValue?(node: JsonNode): unknown;
  /**
   * Checks what the two have read (undefined: absent in the request). The result gives the plan and checks the rules
   * that are left: the sizes of name and metadata are looked at between the two.
   */
  check(read: { parameters?: unknown; value?: unknown }, tools: Tools): () => GeneratePlan;
  /** The plan that makes the next version of a stored one. @throws CredError `cannot_regenerate_…` */
  regenerate(stored: Stored, tools: Tools, options?: RegenerateOptions): GeneratePlan | Promise<GeneratePlan>;
}

/** Options of the certificates API. */
export interface RegenerateOptions {
  readonly keyLength?: number | undefined;
  readonly duration?: number | undefined;
  readonly transitional?: boolean | undefined;
}

export interface CredentialType {
  readonly name: string;
  /** How help calls it. */
  readonly label: string;
  /** Place in the lists of CredHub's texts. Absent: after those that have one. */
  readonly position?: number;
  /** The value as it is set. */
  readonly value: Shape;
  /** The value as it is answered. */
  readonly shown: Shape;
  /**
   * Reads a value that is not null: kinds and unknown keys only. The result gives the plan, checking the rules, when it
   * is called: other fields of the request are read between the two.
   */
  set(value: JsonNode, tools: Tools): () => SetPlan;
  readonly generation?: Generation;
}

export const NO_PLAIN_PARTS: PlainParts = { parameters: null, username: null, publicKey: null, certificate: null };

/**
 * The length of CredHub's columns for user names, public keys and certificates
 * (docs/reference/credhub-server.md#size-limits).
 */
export const COLUMN_LIMIT = 7000;

export const oversized = (...parts: readonly (string | null | undefined)[]): boolean =>
  parts.some((part) => part !== null && part !== undefined && part.length > COLUMN_LIMIT);
