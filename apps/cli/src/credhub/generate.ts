import { CommandFailure } from '../lib/failure.ts';
import { number, record, type Value } from '../lib/format/value.ts';
import { parseMetadata } from '../lib/metadata.ts';
import { printRedacted } from '../lib/print.ts';
import { knownServer, requireMetadata } from '../lib/server-version.ts';
import type { Context } from './command-definition.ts';
import type { FlagValues } from './flag-types.ts';
import type { GENERATE_FLAGS } from './flags.ts';

type Values = FlagValues<typeof GENERATE_FLAGS>;

export async function generate({ values, api, host }: Context<typeof GENERATE_FLAGS>): Promise<void> {
  const type = (values.type ?? '').toLowerCase();
  if (type === '') {
    throw new CommandFailure(
      "A type must be specified when generating a credential. Valid types include 'password', 'user', 'certificate', 'ssh' and 'rsa'.",
    );
  }
  if (values.username && type !== 'user') {
    throw new CommandFailure('Username parameter is not valid for this credential type.');
  }
  const metadata = values.metadata ? parseMetadata(values.metadata) : undefined;
  const server = await knownServer(api);
  if (metadata !== undefined) await requireMetadata(api, server);
  const password = passwordParameters(values);
  const body = record({
    name: values.name ?? '',
    type,
    // A user name is no parameter but part of the value; with it only the password can have parameters.
    value: values.username ? record({ username: values.username }) : undefined,
    parameters: record(values.username ? password : { ...password, ...otherParameters(values) }),
    overwrite: !values.noOverwrite,
    metadata,
  });
  printRedacted(host, await api.call({ method: 'POST', path: '/api/v1/data', body }), values.outputJson);
}

type Parameters = Record<string, Value | undefined>;

// What is not given is not sent, and neither is what is given as nothing: zero, empty, off.
const on = (value: boolean): Value | undefined => value || undefined;
const some = (value: string | undefined): Value | undefined => value || undefined;
const count = (value: bigint | undefined): Value | undefined => (value ? number(value) : undefined);
const list = (value: readonly string[] | undefined): Value | undefined => (value?.length ? value : undefined);

function passwordParameters(values: Values): Parameters {
  return {
    include_special: on(values.includeSpecial),
    exclude_number: on(values.excludeNumber),
    exclude_upper: on(values.excludeUpper),
    exclude_lower: on(values.excludeLower),
    length: count(values.length),
  };
}

function otherParameters(values: Values): Parameters {
  return {
    common_name: some(values.commonName),
    organization: some(values.organization),
    organization_unit: some(values.organizationUnit),
    locality: some(values.locality),
    state: some(values.state),
    country: some(values.country),
    alternative_names: list(values.alternativeName),
    extended_key_usage: list(values.extKeyUsage),
    key_usage: list(values.keyUsage),
    key_length: count(values.keyLength),
    duration: count(values.duration),
    ca: some(values.ca),
    self_sign: on(values.selfSign),
    is_ca: on(values.isCa),
    ssh_comment: some(values.sshComment),
  };
}
