import { string } from '@oclif/core/flags';
import {
  activeVersion,
  type Certificate,
  listCertificates,
  transitionalVersion,
} from '../../lib/api/certificate-list.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { record, type Value } from '../../lib/format/json-tree.ts';
import { printValue } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';

export default class Certificates extends CredhubCommand {
  static override readonly summary = 'List certificates with expiry, signer and state';
  static override readonly description =
    'Lists the certificates you may read: when the newest version expires, who signed it, whether it is a CA, and whether a version is transitional.';
  static override readonly examples = ['credhub certificates --expires-within 30d'];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Only the certificate of this name' })),
    'expires-within': string({ summary: 'Only certificates that expire within this many days, such as 30 or 30d' }),
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await certificates(await this.open(Certificates));
  }
}

const DAY_MS = 86_400_000;

async function certificates({ flags, api, host }: Context<typeof Certificates.flags>): Promise<void> {
  const limit = flags['expires-within'] === undefined ? undefined : Date.now() + days(flags['expires-within']) * DAY_MS;
  const found = await listCertificates(api, flags.name || undefined);
  const shown = found.filter((one) => limit === undefined || expiresBefore(one, limit)).map(line);
  printValue(host, record({ certificates: shown }), flags['output-json']);
}

function days(text: string): number {
  const match = /^(\d+)d?$/.exec(text);
  if (!match) throw new CommandFailure('--expires-within takes a number of days, such as 30 or 30d.');
  return Number(match[1]);
}

/** A transitional version counts too: somebody still trusts it. */
function expiresBefore({ versions }: Certificate, limit: number): boolean {
  const live = [versions.find(({ transitional }) => !transitional), versions.find(({ transitional }) => transitional)];
  return live.some((version) => version?.expiryDate !== undefined && Date.parse(version.expiryDate) <= limit);
}

function line(certificate: Certificate): Value {
  const active = activeVersion(certificate) ?? certificate.versions[0];
  const other = transitionalVersion(certificate);
  return record({
    name: certificate.name,
    expiry_date: active?.expiryDate ?? null,
    signed_by: certificate.signedBy,
    certificate_authority: active?.isCa ?? false,
    self_signed: active?.selfSigned ?? false,
    transitional: other === undefined ? null : record({ id: other.id, expiry_date: other.expiryDate ?? null }),
  });
}
