/** A response of OpenBao. */
export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown> | undefined;
  /** Storage state of the node that answered: the header `X-Vault-Index`. */
  readonly index?: string | undefined;
}
