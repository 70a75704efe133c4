/**
 * The operator's certificate settings. A minimum of 0 days is off (docs/reference/credhub-server.md#minimum-durations).
 */
export interface CertificateSettings {
  readonly concatenateCas: boolean;
  readonly caMinimumDurationInDays: number;
  readonly leafMinimumDurationInDays: number;
  readonly enableDefaultCaKeyUsages: boolean;
}
