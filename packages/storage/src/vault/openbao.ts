/** The vault definition of OpenBao: settings, how to open it, and its key ids (docs/reference/openbao-kv2.md). */
import * as z from 'zod';
import { OPENBAO, OPENBAO_KEY_PREFIX } from './openbao-name.ts';
import type { OpenBaoConfig } from './openbao-vault.ts';
import type { VaultDefinition } from './remote-vault.ts';
import { baseUrl, filePath, secretText } from './settings-schema.ts';

const configSchema = z.strictObject({
  address: baseUrl.optional(),
  /** A token file is read again while the server runs. */
  token: z
    .union([secretText, z.strictObject({ file: filePath })], { error: 'must be a text or {file: PATH}' })
    .optional(),
  ca: filePath.optional(),
  mount: z.string().min(1).default('secret'),
  prefix: z.string().min(1).default('credplex'),
});

export const openbao = {
  ...OPENBAO,
  configSchema,
  needed: ['address', 'token'],
  secrets: { token: 'reread' },
  certificateFiles: ['ca'],
  advice: 'are vault.openbao.address and token right, and is it unsealed?',
  async open(settings: OpenBaoConfig) {
    const { createOpenBaoVault } = await import('./openbao-vault.ts');
    return createOpenBaoVault(settings);
  },
  owns: (keyId) => keyId.startsWith(OPENBAO_KEY_PREFIX),
} as const satisfies VaultDefinition;
