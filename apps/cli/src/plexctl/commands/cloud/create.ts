import { option, string } from '@oclif/core/flags';
import { callApi } from '../../api.ts';
import { cloudColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { requireJsonObject } from '../../json-flag.ts';
import { printObject } from '../../output.ts';
import { openSession } from '../../session.ts';

export default class CloudCreate extends PlexctlCommand {
  static override readonly summary = 'Register a cloud.';
  static override readonly examples = [
    {
      description: 'Register an AWS account.',
      command: `<%= config.bin %> cloud create --slug acme-prod --display-name "Acme production" --provider aws --external-id 123456789012 --endpoint '{"region":"eu-central-1"}' --region-defaults '{"vpc_cidr":"10.0.0.0/16"}'`,
    },
  ];
  static override readonly flags = {
    slug: string({ required: true, summary: 'Short name: lower-case letters, digits and single dashes.' }),
    'display-name': string({ required: true, summary: 'Name for people.' }),
    provider: option({ options: ['aws', 'azure'] as const })({ required: true, summary: 'Kind of cloud.' }),
    'external-id': string({ required: true, summary: "The provider's own id, such as the account number." }),
    endpoint: string({ required: true, helpValue: 'JSON', summary: 'Where the cloud is: an object for the provider.' }),
    'region-defaults': string({ required: true, helpValue: 'JSON', summary: 'Defaults of its regions: an object.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(CloudCreate);
    const host = this.context;
    const body = {
      display_name: flags['display-name'],
      slug: flags.slug,
      provider: flags.provider,
      endpoint: requireJsonObject('endpoint', flags.endpoint),
      region_defaults: requireJsonObject('region-defaults', flags['region-defaults']),
      external_id: flags['external-id'],
    };
    const session = await openSession(flags, host);
    const cloud = await callApi(session, host, (client) => client('POST /v1/clouds', { body }));
    printObject(cloud, cloudColumns, flags, host);
  }
}
