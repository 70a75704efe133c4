import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of AWS Secrets Manager as a vault needs. */
export interface SecretsManagerStub {
  readonly url: string;
  /** Texts by name. */
  readonly secrets: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export const ACCESS_KEY_ID = 'AKIATEST';

export async function startSecretsManagerStub(): Promise<SecretsManagerStub> {
  const secrets = new Map<string, string>();
  const answerTo = (target: string, { Name, SecretId, SecretString }: Record<string, string>): [number, object] => {
    const missing: [number, object] = [400, { __type: 'ResourceNotFoundException' }];
    switch (target) {
      case 'secretsmanager.CreateSecret':
        if (Name === undefined || SecretString === undefined) return [400, { __type: 'InvalidParameterException' }];
        if (secrets.has(Name)) return [400, { __type: 'ResourceExistsException' }];
        secrets.set(Name, SecretString);
        return [200, { Name }];
      case 'secretsmanager.GetSecretValue':
        return secrets.has(SecretId ?? '') ? [200, { SecretString: secrets.get(SecretId ?? '') }] : missing;
      case 'secretsmanager.DeleteSecret':
        return secrets.delete(SecretId ?? '') ? [200, {}] : missing;
      case 'secretsmanager.ListSecrets':
        return [200, { SecretList: [] }];
      default:
        return [400, { __type: 'InvalidRequestException' }];
    }
  };
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const { authorization = '', 'x-amz-target': target } = request.headers;
    const isSigned = new RegExp(`^AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/\\d{8}/.*Signature=[0-9a-f]{64}$`);
    const [status, answer] = isSigned.test(authorization)
      ? answerTo(String(target), JSON.parse(body))
      : [400, { __type: 'UnrecognizedClientException' }];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
