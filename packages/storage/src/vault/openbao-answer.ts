/** What OpenBao answered. */
export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown> | undefined;
  /** State of the storage that the answer comes from: `X-Vault-Index`. */
  readonly index?: string | undefined;
}
