/** Ids of keys that stand beside sealed bytes. A remote vault's begin with its kind, so that rows tell where their secret is. */
const remote = 'openbao:';

/** @param place mount and prefix, e.g. `secret/credplex` */
export const remoteKeyId = (place: string): string => `${remote}${place}`;

export const isRemoteKey = (keyId: string): boolean => keyId.startsWith(remote);
