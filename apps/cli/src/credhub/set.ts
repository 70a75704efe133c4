import { CommandFailure } from '../lib/failure.ts';
import { fileOrValue } from '../lib/file-or-value.ts';
import { parseJson, record, type Value } from '../lib/format/value.ts';
import { parseMetadata } from '../lib/metadata.ts';
import { printRedacted } from '../lib/print.ts';
import { setCredential } from '../lib/set-credential.ts';
import type { Context } from './command-definition.ts';
import type { SET_FLAGS } from './flags.ts';

type SetContext = Context<typeof SET_FLAGS>;

export async function setCommand(context: SetContext): Promise<void> {
  const { values, api, host } = context;
  const type = (values.type ?? '').toLowerCase();
  if (type === '') {
    throw new CommandFailure(
      "A type must be specified when setting a credential. Valid types include 'value', 'json', 'password', 'user', 'certificate', 'ssh' and 'rsa'.",
    );
  }
  const value = await valueFrom(context, type);
  const metadata = values.metadata ? parseMetadata(values.metadata) : undefined;
  printRedacted(host, await setCredential(api, { name: values.name ?? '', type, value, metadata }), values.outputJson);
}

async function valueFrom(context: SetContext, type: string): Promise<Value> {
  const { values, host } = context;
  const file = (given: string | undefined): string => fileOrValue(host.cwd, given ?? '');
  switch (type) {
    case 'json':
      return parseJson(await askedValue(context));
    case 'value':
      // The API document's own sample sets a value with --password.
      return values.value || !values.password ? askedValue(context) : values.password;
    case 'password':
      return askedPassword(context);
    case 'user':
      return record({ username: values.username ?? '', password: await askedPassword(context) });
    case 'certificate':
      return record({
        ca: file(values.root),
        ca_name: values.caName || undefined,
        certificate: file(values.certificate),
        private_key: file(values.private),
      });
    case 'ssh':
    case 'rsa':
      return record({ public_key: file(values.public), private_key: file(values.private) });
    default:
      // The server knows which types there are, and says so.
      return values.value ?? '';
  }
}

async function askedValue({ values, host }: SetContext): Promise<string> {
  if (values.value) return values.value;
  host.out('value: ');
  return (await host.input.line()).trim();
}

async function askedPassword({ values, host }: SetContext): Promise<string> {
  if (values.password) return values.password;
  return host.input.hiddenLine('password: ', host.out);
}
