import { activeVersion, type Certificate, listCertificates, transitionalVersion } from '../lib/certificate-list.ts';
import { CommandFailure } from '../lib/failure.ts';
import { record, type Value } from '../lib/format/value.ts';
import { printValue } from '../lib/print.ts';
import type { Context } from './command-definition.ts';
import type { CERTIFICATES_FLAGS } from './flags.ts';

const DAY_MS = 86_400_000;

export async function certificates({ values, api, host }: Context<typeof CERTIFICATES_FLAGS>): Promise<void> {
  const limit = values.expiresWithin === undefined ? undefined : Date.now() + days(values.expiresWithin) * DAY_MS;
  const found = await listCertificates(api, values.name || undefined);
  const shown = found.filter((one) => limit === undefined || expiresBefore(one, limit)).map(line);
  printValue(host, record({ certificates: shown }), values.outputJson);
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
