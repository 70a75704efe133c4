import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server to run the page against, and somebody who may create clouds on it. */
export interface GivenServer {
  readonly url: string;
  /** PEM file with the CA of its certificate. */
  readonly caFile: string;
  readonly token: string;
}

export interface ShellResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A shell of somebody who reads the how-to page "Issue a Cloud Credential": plexctl is on the PATH and logged in, and
 * nothing is set but PLEXSPHERE_URL, TOKEN, SSL_CERT_FILE and CURL_CA_BUNDLE.
 */
export interface PageReader {
  /** Runs commands of the page as printed; `<cloud-uuid>` and `<credential-uuid>` stand for what is given. */
  run(
    commands: string,
    ids?: Readonly<Record<string, string>>,
    variables?: Readonly<Record<string, string>>,
  ): Promise<ShellResult>;
  /** Puts a file into the folder in which the commands run. */
  file(name: string, content: string): void;
}

const bin = fileURLToPath(new URL('../../bin/plexctl.js', import.meta.url));

export async function pageReader({ url, caFile, token }: GivenServer): Promise<PageReader> {
  const home = mkdtempSync(join(tmpdir(), 'plexctl-page-'));
  mkdirSync(join(home, 'bin'));
  symlinkSync(bin, join(home, 'bin/plexctl'));
  symlinkSync(process.execPath, join(home, 'bin/node'));
  const env = {
    HOME: home,
    PATH: [join(home, 'bin'), dirname('/usr/bin/x'), '/bin'].join(delimiter),
    PLEXSPHERE_URL: url,
    TOKEN: token,
    SSL_CERT_FILE: caFile,
    CURL_CA_BUNDLE: caFile,
  };
  const reader: PageReader = {
    run: (commands, ids = {}, variables = {}) => {
      const filled = Object.entries(ids).reduce((text, [name, id]) => text.replaceAll(`<${name}>`, id), commands);
      return new Promise((resolve) => {
        execFile('bash', ['-c', filled], { cwd: home, env: { ...env, ...variables } }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        });
      });
    },
    file: (name, content) => writeFileSync(join(home, name), content, { mode: 0o600 }),
  };
  reader.file('token', token);
  const login = await reader.run('plexctl login --server "$PLEXSPHERE_URL" --token-file ./token');
  if (login.code !== 0) throw new Error(`the login failed: ${login.stderr}`);
  return reader;
}

/** A cloud to issue credentials of. Gives its id. */
export async function makeCloud(reader: PageReader, slug: string): Promise<string> {
  const made = await reader.run(
    `plexctl cloud create --slug ${slug} --display-name "Acme" --provider aws --external-id ${slug} --endpoint '{"region":"eu-central-1"}' --region-defaults '{}' --output json`,
  );
  if (made.code !== 0) throw new Error(`no cloud: ${made.stderr}`);
  const { id }: { id: string } = JSON.parse(made.stdout);
  return id;
}

/** The commands of the page, as printed there. */
export const pageCommands = {
  issueFromFile: `export PLEXSPHERE_URL="\${PLEXSPHERE_URL:-https://localhost:8080}"

plexctl cloud credential create \\
  --server       "\${PLEXSPHERE_URL}" \\
  --cloud-id     <cloud-uuid> \\
  --display-name "Acme AWS provisioner secret" \\
  --payload-file ./aws-provisioner.json \\
  --key-value    role_arn=arn:aws:iam::123456789012:role/acme-provisioner`,
  issueFromStdin: `printf '%s' "\${SECRET_JSON}" | plexctl cloud credential create \\
  --server       "\${PLEXSPHERE_URL}" \\
  --cloud-id     <cloud-uuid> \\
  --display-name "Acme AWS provisioner secret" \\
  --payload-file -`,
  issueWithCurl: `curl --silent --show-error --fail-with-body -X POST \\
  -H "Authorization: Bearer \${TOKEN}" -H 'content-type: application/json' \\
  "\${PLEXSPHERE_URL}/v1/clouds/<cloud-uuid>/cloud-credentials" -d '{
  "display_name": "Acme AWS provisioner secret",
  "payload": "'"$(base64 < ./aws-provisioner.json | tr -d '\\n')"'",
  "key_values": {"role_arn": "arn:aws:iam::123456789012:role/acme-provisioner"}
}'`,
  get: `plexctl cloud credential get <credential-uuid> --server "\${PLEXSPHERE_URL}"`,
  list: `plexctl cloud credential list --cloud-id <cloud-uuid> --server "\${PLEXSPHERE_URL}"`,
} as const;
