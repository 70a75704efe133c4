/**
 * Validation of a cloud's endpoint and region defaults, one table entry per provider
 * (docs/reference/plexsphere-v1.md#providers). Unknown keys are stored unchanged.
 */
import { CredError } from '../errors.ts';
import { isUuid } from '../identifiers/uuid.ts';
import { CLOUD_PROVIDERS, type CloudProvider } from '../ports/plexsphere.ts';
import { isBlank } from './blank.ts';
import { isCanonicalCidr } from './cidr.ts';

export type JsonMap = Readonly<Record<string, unknown>>;

interface Field {
  readonly required: boolean;
  readonly accepts: (text: string) => boolean;
  readonly expected: string;
}

interface Provider {
  readonly endpoint: Readonly<Record<string, Field>>;
  readonly regionDefaults: Readonly<Record<string, Field>>;
}

function text(required: boolean): Field {
  return {
    required,
    accepts: (value) => !isBlank(value),
    expected: 'a text that is not blank',
  };
}

const uuid: Field = { required: true, accepts: (value) => isUuid(value), expected: 'a UUID' };

const PROVIDERS: Readonly<Record<CloudProvider, Provider>> = {
  aws: {
    endpoint: {
      region: text(true),
      role_arn: {
        required: false,
        accepts: (value) => /^arn:[^:]*:iam::\d{12}:role\/.+/.test(value),
        expected: 'the ARN of an IAM role',
      },
    },
    regionDefaults: {
      vpc_cidr: { required: false, accepts: isCanonicalCidr, expected: 'a CIDR block without host bits' },
      default_region: text(false),
    },
  },
  azure: { endpoint: { subscription_id: uuid, tenant_id: uuid }, regionDefaults: {} },
};

/** Returns the provider with this name. @throws CredError `unknown_provider` */
export function parseProvider(name: string): CloudProvider {
  const provider = CLOUD_PROVIDERS.find((known) => known === name);
  if (provider === undefined) throw new CredError('unknown_provider', { known: CLOUD_PROVIDERS.join(', ') });
  return provider;
}

function describeFault(map: JsonMap, fields: Readonly<Record<string, Field>>): string | undefined {
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(map, name) ? map[name] : undefined;
    if (value === undefined && !field.required) continue;
    if (typeof value !== 'string' || !field.accepts(value)) return `${name} must be ${field.expected}`;
  }
  return undefined;
}

/**
 * Validates both objects.
 * @throws CredError `invalid_cloud_endpoint`, `invalid_cloud_region_defaults`, each with `why`
 */
export function validateProviderSettings(provider: CloudProvider, endpoint: JsonMap, regionDefaults: JsonMap): void {
  const wrongEndpoint = describeFault(endpoint, PROVIDERS[provider].endpoint);
  if (wrongEndpoint !== undefined) throw new CredError('invalid_cloud_endpoint', { why: wrongEndpoint });
  const wrongDefaults = describeFault(regionDefaults, PROVIDERS[provider].regionDefaults);
  if (wrongDefaults !== undefined) throw new CredError('invalid_cloud_region_defaults', { why: wrongDefaults });
}
