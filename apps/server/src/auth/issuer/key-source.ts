/** Creates the key source of the built-in issuer, which needs no HTTP. */
import type { KeySource } from '../key-source.ts';
import type { Revocations } from './revocations.ts';
import type { SigningKeys } from './signing-keys.ts';

export function builtInKeySource(deps: {
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
  readonly publicUrl: string;
}): KeySource {
  return {
    issuer: async () => `${deps.publicUrl}/uaa/oauth/token`,
    async keys(options) {
      const published = await deps.keys.published(options);
      return published.map(({ kid, key }) => ({ kid, key, algorithm: 'RS256', thumbprint: kid }));
    },
    isCurrent: (thumbprint) => deps.keys.isPublished(thumbprint),
    revoked: (claims) => deps.revocations.isRevoked(claims),
    onRevoked: (forget) => deps.revocations.onChange(forget),
  };
}
