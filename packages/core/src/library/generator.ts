/**
 * The credential types as a library, without server and database: generate, compare, version and regenerate. Versions
 * are plain objects that the caller keeps; nothing is stored. `README.md` has an example.
 */
import type { CertificateSettings } from '../certificate-settings.ts';
import { privateKeyIn } from '../credentials/signer.ts';
import { CredError } from '../errors.ts';
import { systemClock, systemEntropy } from '../generators/system.ts';
import { parseJson } from '../json/parse.ts';
import { LEVELS } from '../level.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Pki } from '../ports/pki.ts';
import type { PlainParts } from '../ports/records.ts';
import type { Secret } from '../secret.ts';
import type {
  CredentialContent,
  GeneratePlan,
  RegenerateOptions,
  SigningCa,
  Stored,
  Tools,
} from '../types/credential-type.ts';
import { findType, type TypeName } from '../types/index.ts';

export interface GeneratorDeps {
  readonly pki: Pki;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Default: the system's random generator. */
  readonly entropy?: Entropy;
  /** Minimum durations and default key usages. Default: off. */
  readonly certificates?: Partial<CertificateSettings>;
}

/** One version of a credential, linked to its previous versions. */
export interface Version {
  readonly name: string;
  readonly type: TypeName;
  /** 1 for the first. */
  readonly number: number;
  readonly createdAt: Date;
  /** JSON text, as CredHub's API would return it under `value`. */
  readonly value: Secret;
  /** Fields that are not secret: certificate, public key, user name, generation parameters. */
  readonly plain: PlainParts;
  readonly previous: Version | undefined;
}

export interface VersionRequest {
  readonly name: string;
  readonly type: TypeName;
  /** CredHub's generation parameters by their wire names, e.g. `{ length: 40 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The CA that signs the certificate. Then `parameters` must not contain `ca`. */
  readonly signedBy?: Version;
  /** The version before, with the same name and type. */
  readonly previous?: Version;
}

export interface Generator {
  /**
   * Generates a version.
   * @throws CredError for invalid parameters, `type_mismatch` with `previous`, `cert_not_ca`, `ca_missing_private_key`
   */
  generate(wanted: VersionRequest): Promise<Version>;
  /** Creates a version with a given value, checked as CredHub's set does. @throws CredError */
  set(given: Omit<VersionRequest, 'parameters'> & { readonly value: unknown }): Promise<Version>;
  /** Returns whether the version already satisfies these parameters (CredHub's `converge`). */
  converges(version: Version, wanted: Pick<VersionRequest, 'parameters' | 'signedBy'>): boolean;
  /**
   * Generates a new version with the parameters of this one.
   * @throws CredError `cannot_regenerate_…`, `ca_not_found`
   */
  regenerate(version: Version, options?: RegenerateOptions & { readonly signedBy?: Version }): Promise<Version>;
}

const DEFAULT_SETTINGS: CertificateSettings = {
  concatenateCas: false,
  caMinimumDurationInDays: 0,
  leafMinimumDurationInDays: 0,
  enableDefaultCaKeyUsages: false,
};

/**
 * Creates a generator.
 * @example
 * const generator = createGenerator({ pki: createPki({ entropy: systemEntropy }) });
 * const version = await generator.generate({ name: '/db/password', type: 'password', parameters: { length: 40 } });
 */
export function createGenerator(deps: GeneratorDeps): Generator {
  const tools: Tools = {
    pki: deps.pki,
    clock: deps.clock ?? systemClock,
    entropy: deps.entropy ?? systemEntropy,
    level: LEVELS[2],
    certificates: { ...DEFAULT_SETTINGS, ...deps.certificates },
  };
  return {
    async generate(wanted) {
      const plan = planOf(wanted, tools);
      return versionOf(wanted, await plan.make(wanted.name, caOf(plan, wanted.signedBy, tools)), tools);
    },
    async set(given) {
      const value = parseJson(JSON.stringify(withCaName(given)) ?? 'null');
      if (value === null) throw new CredError('missing_value');
      const plan = typeOf(given.type).set(value, tools)();
      if (plan.fault) throw plan.fault;
      const ca = caOf(plan, given.signedBy, tools);
      if (ca) plan.checkCa?.(ca);
      return versionOf(given, await plan.make(given.name, ca), tools);
    },
    converges(version, { parameters, signedBy }) {
      const { name, type } = version;
      const plan = planOf({ name, type, parameters: parameters ?? {}, ...(signedBy && { signedBy }) }, tools);
      return plan.converges(storedOf(version), caOf(plan, signedBy, tools));
    },
    async regenerate(version, { signedBy, ...options } = {}) {
      const generation = typeOf(version.type).generation;
      if (generation === undefined) throw new CredError('invalid_type_with_regenerate_prompt');
      const plan = await generation.regenerate(storedOf(version), tools, options);
      const wanted = { name: version.name, type: version.type, previous: version };
      return versionOf(wanted, await plan.make(version.name, caOf(plan, signedBy, tools)), tools);
    },
  };
}

function typeOf(name: string) {
  const type = findType(name);
  if (type === undefined) throw new CredError('invalid_type_with_generate_prompt');
  return type;
}

function planOf({ type, parameters: wanted, signedBy }: VersionRequest, tools: Tools): GeneratePlan {
  const { generation } = typeOf(type);
  if (generation === undefined) throw new CredError('cannot_generate_type');
  const given = signedBy ? { ...wanted, ca: signedBy.name } : wanted;
  const parameters = given && generation.readParameters(parseJson(JSON.stringify(given)));
  return generation.check({ parameters }, tools)();
}

function withCaName({ value, signedBy }: { value: unknown; signedBy?: Version }): unknown {
  return signedBy && typeof value === 'object' ? { ...value, ca_name: signedBy.name } : value;
}

function caOf(
  plan: { ca?: string | undefined; isOversized: boolean },
  signedBy: Version | undefined,
  tools: Tools,
): SigningCa | undefined {
  if (plan.isOversized) throw new CredError('exceeds_maximum_size');
  if (plan.ca === undefined) return undefined;
  const certificate = signedBy?.plain.certificate?.certificate;
  if (!signedBy || !certificate) throw new CredError('ca_not_found');
  if (!tools.pki.parse(certificate).isCa) throw new CredError('cert_not_ca');
  return { name: signedBy.name, certificate, trusted: null, privateKey: privateKeyIn(signedBy.value) };
}

function versionOf(
  { name, type, previous }: Omit<VersionRequest, 'parameters'>,
  made: CredentialContent,
  tools: Tools,
): Version {
  if (previous && (previous.name !== name || previous.type !== type)) throw new CredError('type_mismatch');
  const number = (previous?.number ?? 0) + 1;
  return { name, type, number, createdAt: tools.clock.now(), value: made.value, plain: made.plain, previous };
}

function storedOf(version: Version): Stored {
  return {
    name: version.name,
    plain: version.plain,
    open: async () => parseJson(version.value.reveal()),
  };
}

/** Reveals the value of a version, as JavaScript data. */
export function revealValue(version: Version): unknown {
  return JSON.parse(version.value.reveal());
}
