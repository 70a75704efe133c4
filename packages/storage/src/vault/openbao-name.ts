export const OPENBAO = { kind: 'openbao', title: 'OpenBao' } as const;

/** Key ids begin with the kind of their vault, so that rows tell where their secret is. */
export const OPENBAO_KEY_PREFIX = `${OPENBAO.kind}:`;
