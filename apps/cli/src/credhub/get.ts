import { credentialsIn } from '../lib/api.ts';
import { CommandFailure } from '../lib/failure.ts';
import { credentialForJson, credentialForYaml } from '../lib/format/credential.ts';
import { field, isList, record, type Value } from '../lib/format/value.ts';
import { printCredential, printPlain, printValue } from '../lib/print.ts';
import type { Context } from './command-definition.ts';
import type { GET_FLAGS } from './flags.ts';

type GetContext = Context<typeof GET_FLAGS>;

export async function get(context: GetContext): Promise<void> {
  const { values } = context;
  if (values.versions !== undefined && values.versions !== 0n) return getVersions(context, values.versions);
  const credential = await read(context);
  if (values.key) return printField(context, credential, values.key);
  if (values.outputJson && values.quiet) {
    throw new CommandFailure('The --output-json flag and --quiet flag are incompatible.');
  }
  if (values.quiet) printPlain(context.host, field(credential, 'value') ?? null, false);
  else printCredential(context.host, credential, values.outputJson);
}

async function read({ values, api }: GetContext): Promise<Value> {
  if (values.name) {
    const query = { current: 'true', name: values.name };
    return credentialsIn(await api.call({ method: 'GET', path: '/api/v1/data', query }))[0] ?? null;
  }
  if (!values.id) throw nothingNamed();
  return api.call({ method: 'GET', path: `/api/v1/data/${encodeURIComponent(values.id)}` });
}

async function getVersions({ values, api, host }: GetContext, count: bigint): Promise<void> {
  if (values.id) throw new CommandFailure('The --versions flag and --id flag are incompatible.');
  if (values.key) throw new CommandFailure('The --versions flag and --key flag are incompatible.');
  if (!values.name) throw nothingNamed();
  const query = { name: values.name, versions: String(count) };
  const found = credentialsIn(await api.call({ method: 'GET', path: '/api/v1/data', query }));
  const shown = found.map((version) => {
    if (values.quiet) return field(version, 'value') ?? null;
    return values.outputJson ? credentialForJson(version) : credentialForYaml(version);
  });
  printValue(host, record({ versions: shown }), values.outputJson);
}

/** Prints one field; nothing at all where it is absent (docs/reference/credhub-cli.md#get). */
function printField({ values, host }: GetContext, credential: Value, key: string): void {
  const found = nested(field(credential, 'value'), key);
  if (found !== undefined && found !== null) printPlain(host, found, values.outputJson);
}

/** A field by its full name, else step by step: `a.b.0` is item 0 of field b of field a. */
function nested(value: Value | undefined, key: string): Value | undefined {
  const whole = step(value, key);
  if (whole !== undefined) return whole;
  for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
    const inner = nested(step(value, key.slice(0, dot)), key.slice(dot + 1));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function step(value: Value | undefined, name: string): Value | undefined {
  if (isList(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return field(value, name);
}

function nothingNamed(): CommandFailure {
  return new CommandFailure('A name or ID must be provided. Please update and retry your request.');
}
