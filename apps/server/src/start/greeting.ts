/** What `credplex serve` prints for the person in front of it: on stdout, between the lines of the log. */
import { shellWord } from './shell-word.ts';

export interface Greeting {
  readonly url: string;
  readonly level: 1 | 2;
  readonly caFile: string | undefined;
  /** File with the first operator's secrets, where it lies here. */
  readonly operatorFile: string | undefined;
  /** Whether this start made it. */
  readonly firstStart: boolean;
  /** Where the `credhub` CLI logs in: here, at an outside UAA, or nowhere (mutual TLS only). */
  readonly login: 'here' | 'uaa' | 'nowhere';
}

const LEVELS_LINE =
  "Clients of CredHub 2 (today's permissions and metadata commands, BOSH, Concourse) want level 2: set CREDPLEX_LEVEL=2.";

export function greeting(about: Greeting): string {
  const lines = [`Credplex is ready at ${about.url} (API level ${about.level}). Ctrl-C stops it.`];
  if (about.operatorFile !== undefined) {
    const are = about.firstStart ? 'are now' : 'are';
    const mode = about.firstStart ? ' (readable only by you)' : '';
    lines.push(`The first operator's secrets ${are} in ${about.operatorFile}${mode}.`);
    if (about.firstStart) {
      const commands = [
        ...credhubCommands(about, about.operatorFile),
        '',
        ...plexctlCommands(about, about.operatorFile),
      ];
      lines.push('', ...commands, '');
    }
  }
  if (about.level === 1) lines.push(LEVELS_LINE);
  return `${lines.join('\n')}\n`;
}

/** The secret goes through a pipe, so that no process list shows it. */
function field(file: string, name: string): string {
  return `node -p ${shellWord(`require(${JSON.stringify(file)}).${name}`)}`;
}

function trust(caFile: string | undefined): string {
  return caFile === undefined ? '' : ` --ca-cert ${shellWord(caFile)}`;
}

function credhubCommands({ url, caFile, login }: Greeting, file: string): string[] {
  if (login === 'nowhere') return ['CredHub takes client certificates only (auth.oauth.enabled is false).'];
  if (login === 'uaa') {
    return [
      'Passwords, keys and certificates (CredHub), with an account of your UAA:',
      `  npx credhub login -s ${url}${trust(caFile)} -u YOUR-USER`,
    ];
  }
  return [
    'Passwords, keys and certificates (CredHub):',
    `  ${field(file, 'password')} | npx credhub login -s ${url}${trust(caFile)} -u admin`,
    '  npx credhub generate -n /demo/password -t password',
    '  npx credhub get -n /demo/password',
  ];
}

function plexctlCommands({ url, caFile }: Greeting, file: string): string[] {
  return [
    'Cloud credentials (Plexsphere):',
    `  ${field(file, 'plexsphere_token')} | npx plexctl login --server ${url}${trust(caFile)} --token-file -`,
    `  CLOUD=$(npx plexctl cloud create --slug demo --display-name Demo --provider aws --external-id 123456789012 --endpoint '{"region":"eu-central-1"}' --region-defaults '{}' --output json | node -p 'JSON.parse(require("fs").readFileSync(0)).id')`,
    `  printf '%s' 'the secret itself' | npx plexctl cloud credential create --cloud-id "$CLOUD" --display-name Provisioner --payload-file -`,
    '  npx plexctl cloud credential list --cloud-id "$CLOUD"',
  ];
}
