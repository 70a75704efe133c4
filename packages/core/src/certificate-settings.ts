/** The operator's settings for certificates, in days; 0 is off (docs/reference/credhub-server.md#minimum-durations). */
export interface CertificateSettings {
  readonly concatenateCas: boolean;
  readonly caMinimumDurationInDays: number;
  readonly leafMinimumDurationInDays: number;
  readonly enableDefaultCaKeyUsages: boolean;
}
