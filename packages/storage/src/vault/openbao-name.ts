export const OPENBAO = { kind: 'openbao', title: 'OpenBao' } as const;

/** Key ids begin with the kind of their vault, so that a row identifies the vault of its secret. */
export const OPENBAO_KEY_PREFIX = `${OPENBAO.kind}:`;
