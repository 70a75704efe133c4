/**
 * The interface of credential types. A type is one file in this folder and one line in `table.ts`. It defines how a
 * value is set, generated, compared for converge and regenerated, and which of its fields are not secret.
 */
import type { CertificateSettings } from '../certificate-settings.ts';
import type { CredError, ErrorCode } from '../errors.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Pki } from '../ports/pki.ts';
import type { PlainParts, SignerState } from '../ports/records.ts';
import type { Secret } from '../secret.ts';
import type { Field, Shape } from './fields.ts';

/** Dependencies of credential types. */
/** Dependencies of credential types. */
export interface Tools {
  readonly entropy: Entropy;
  readonly clock: Clock;
  readonly pki: Pki;
  readonly level: Level;
  readonly certificates: CertificateSettings;
}

/** The content of a new version: the value to seal, and the plain columns. */
export interface CredentialContent {
  /**
   * JSON text of the value as the API returns it, with hashes and fingerprints
   * (docs/reference/credhub-server.md#credential-object).
   */
  readonly value: Secret;
  readonly plain: PlainParts;
  readonly certificate?: GenerationDetails | undefined;
}

/** Fields of a generate or regenerate response that are not stored. */
export interface GenerationDetails {
  readonly durationOverridden: boolean;
  /** Days. */
  readonly durationUsed: number;
  readonly keyLength: number;
}

/** A stored version whose secret is opened on demand. */
export interface Stored {
  readonly name: string;
  readonly plain: PlainParts;
  open(): Promise<JsonNode>;
}

/** The CA that signs. It exists, is readable by the caller, and is a CA. */
export interface SigningCa {
  /** In the spelling of its creation, with its slash. */
  readonly name: string;
  /** PEM of the version that signs. */
  readonly certificate: string;
  /** PEM of the other version of a rotating CA; `null` if there is none. */
  readonly trusted: string | null;
  /** undefined if no key is stored. */
  readonly privateKey: Secret | undefined;
  /** undefined for a CA whose version is not stored yet. */
  readonly state?: SignerState | undefined;
}

/** A set value that has passed every check that needs no other credential. */
export interface SetPlan {
  /** An error for callers with write permission only, thrown before the CA is looked up. */
  readonly fault?: CredError | undefined;
  /** Name of the CA to look up before {@link make}. */
  readonly ca?: string | undefined;
  /** Checks the CA, before the type of the stored credential is compared. @throws CredError */
  checkCa?(ca: SigningCa): void;
  /** Whether a field is too large for its column: `exceeds_maximum_size`, thrown after the permission check. */
  readonly isOversized: boolean;
  /** Whether `make` costs less than a database round trip. */
  readonly isCheap: boolean;
  make(name: string, ca?: SigningCa): CredentialContent | Promise<CredentialContent>;
}

/** A generation whose parameters are valid. */
export interface GeneratePlan {
  readonly ca?: string | undefined;
  readonly isOversized: boolean;
  /** Whether `make` costs less than a database round trip. */
  readonly isCheap: boolean;
  make(name: string, ca?: SigningCa, signal?: AbortSignal): Promise<CredentialContent>;
  /** Returns whether the stored version satisfies this request (docs/reference/credhub-server.md#converge). */
  converges(stored: Stored, ca?: SigningCa): boolean;
  /** Returns the details of the response when the stored version is returned. */
  existing?(stored: Stored): GenerationDetails;
}

export interface Generation {
  readonly parameters: Readonly<Record<string, Field<unknown>>>;
  /** The error for a request without `parameters`, or with null. Absent: the defaults are used. */
  readonly withoutParameters?: { readonly missing: ErrorCode; readonly null: ErrorCode };
  /** The deprecated `value` of a generate request. Absent: the type does not accept it. */
  readonly value?: Shape;
  /** Reads `parameters` of a request, checking only types and unknown keys. */
  readParameters(node: JsonNode): unknown;
  /** Reads {@link value}, likewise. */
  readValue?(node: JsonNode): unknown;
  /**
   * Checks the results of both readers (undefined: absent in the request). The returned function checks the remaining
   * rules and returns the plan. The sizes of name and metadata are checked between the two.
   */
  check(read: { parameters?: unknown; value?: unknown }, tools: Tools): () => GeneratePlan;
  /** Returns the plan for the next version of a stored credential. @throws CredError `cannot_regenerate_…` */
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
  /** The name of the type in help texts. */
  readonly label: string;
  /** Position in the type lists of CredHub's error texts. Absent: at the end. */
  readonly position?: number;
  /** The value in set requests. */
  readonly value: Shape;
  /** The value in responses. */
  readonly shown: Shape;
  /**
   * Reads a value that is not null, checking only types and unknown keys. The returned function checks the other rules
   * and returns the plan. Other fields of the request are read between the two.
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

/** Returns whether a text exceeds {@link COLUMN_LIMIT}. */
/** Returns whether a text exceeds {@link COLUMN_LIMIT}. */
export function exceedsTextLimit(...parts: readonly (string | null | undefined)[]): boolean {
  return parts.some((part) => part !== null && part !== undefined && part.length > COLUMN_LIMIT);
}
