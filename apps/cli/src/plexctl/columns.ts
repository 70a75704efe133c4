/** The columns of each object in text output. JSON and YAML output contain all fields. */
export const cloudColumns = [
  ['ID', 'id'],
  ['SLUG', 'slug'],
  ['DISPLAY_NAME', 'display_name'],
  ['PROVIDER', 'provider'],
  ['EXTERNAL_ID', 'external_id'],
  ['CREATED_AT', 'created_at'],
  ['UPDATED_AT', 'updated_at'],
] as const;

export const cloudCredentialColumns = [
  ['ID', 'id'],
  ['CLOUD_ID', 'cloud_id'],
  ['DISPLAY_NAME', 'display_name'],
  ['VERSION', 'version'],
  ['STATUS', 'status'],
  ['EXPIRES_AT', 'expires_at'],
  ['CREATED_AT', 'created_at'],
  ['UPDATED_AT', 'updated_at'],
  ['REVOKED_AT', 'revoked_at'],
  ['EXPIRED_AT', 'expired_at'],
] as const;

export const whoamiColumns = [
  ['PRINCIPAL', 'principal_type'],
  ['SUBJECT', 'subject'],
  ['DOMAIN', 'domain_id'],
  ['ACR', 'acr'],
  ['AMR', 'amr'],
] as const;

/** The plaintext has no column, because it is printed on a line of its own. */
export const tokenColumns = [
  ['ID', 'id'],
  ['ENV_PREFIX', 'env_prefix'],
  ['EXPIRES_AT', 'expires_at'],
] as const;

export const rotatedTokenColumns = [...tokenColumns, ['ROTATION_DEADLINE', 'rotation_deadline']] as const;

export const tokenSummaryColumns = [
  ['ID', 'id'],
  ['ENV_PREFIX', 'env_prefix'],
  ['CREATED_AT', 'created_at'],
  ['EXPIRES_AT', 'expires_at'],
  ['LAST_USED_AT', 'last_used_at'],
  ['ROTATED_AT', 'rotated_at'],
] as const;

export const decisionColumns = [
  ['DECISION', 'decision'],
  ['REASON', 'reason'],
  ['RELATION_PATH', 'relation_path'],
  ['CORRELATION_ID', 'correlation_id'],
] as const;
