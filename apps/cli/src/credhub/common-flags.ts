import { boolean, string } from '@oclif/core/flags';
import { credentialName } from './flag-types.ts';
import { duration } from './go-flags.ts';

const helpGroup = 'GLOBAL';

/** Taken before or after the command. */
export const GLOBAL_FLAGS = {
  'http-timeout': duration({
    helpGroup,
    summary: 'Give up on a request after this time; a unit is needed, such as 30s or 1m',
    env: 'CREDHUB_HTTP_TIMEOUT',
  }),
  version: boolean({ helpGroup, summary: 'Show the version of this program and of the targeted server' }),
  token: boolean({ helpGroup, summary: 'Show the access token of the current login, refreshed' }),
  help: boolean({ helpGroup, char: 'h', summary: 'Show this help' }),
};

export const outputJson = boolean({ char: 'j', summary: 'Print JSON instead of YAML' });
export const metadata = string({ summary: '[JSON object] Metadata to store beside the value' });
export const actor = string({
  char: 'a',
  summary: 'Actor, such as uaa-client:NAME, uaa-user:ID or mtls-app:ID',
  required: true,
});
export const permissionName = credentialName(
  string({ char: 'p', summary: 'Name of a credential, or a path that ends in /*', required: true }),
);

/** Which server, and whom to trust. */
export const targetFlags = {
  server: string({ char: 's', summary: 'Address of the server', env: 'CREDHUB_SERVER' }),
  'ca-cert': string({
    multiple: true,
    summary: 'Certificate authority to trust, as file or PEM text; may be given several times',
    env: 'CREDHUB_CA_CERT',
  }),
  'skip-tls-validation': boolean({ summary: "Do not check the server's certificate. Not recommended!" }),
};
