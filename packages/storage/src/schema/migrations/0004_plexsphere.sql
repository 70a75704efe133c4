-- Plexsphere: clouds, their credentials, API tokens, the relation graph, and what is told to the outside.

create table cloud (
  id uuid primary key,
  slug text collate "C" not null,
  display_name text not null,
  provider text not null,
  -- JSON objects as text
  endpoint text not null,
  region_defaults text not null,
  external_id text not null,
  -- SHA-256: an external id may be longer than an index entry
  external_id_hash bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint cloud_slug_key unique (slug),
  constraint cloud_external_id_key unique (provider, external_id_hash)
);

create table cloud_credential (
  id uuid primary key,
  -- order of creation, for pages
  seq bigint generated always as identity unique,
  cloud_id uuid not null references cloud (id) on delete restrict,
  display_name text not null,
  version bigint not null,
  -- what the vault gave back for the secret
  sealed_key_id text not null,
  sealed_format integer not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  expired_at timestamptz,
  -- when the vault put the secret of a revoked or expired credential out of use
  vault_revoked_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index cloud_credential_cloud on cloud_credential (cloud_id, seq);
create index cloud_credential_expiring on cloud_credential (expires_at) where revoked_at is null and expired_at is null;
create index cloud_credential_pending on cloud_credential (seq)
  where (revoked_at is not null or expired_at is not null) and vault_revoked_at is null;

create table api_token (
  id uuid primary key,
  -- 'user:<uuid>' or 'service:<uuid>'
  owner text not null,
  env_prefix text not null,
  -- SHA-256 of the whole token
  hash bytea not null,
  ttl_seconds integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  rotated_at timestamptz,
  previous_hash bytea,
  previous_until timestamptz
);
create index api_token_owner on api_token (owner, created_at);
create index api_token_expires on api_token (expires_at);

create table relation_tuple (
  id uuid primary key,
  resource_type text not null,
  resource_id text not null,
  relation text not null,
  subject_type text not null,
  subject_id text not null,
  -- '' for the subject itself, else everybody who has this relation to it
  subject_relation text not null,
  created_at timestamptz not null,
  unique (resource_type, resource_id, relation, subject_type, subject_id, subject_relation)
);
create index relation_tuple_subject on relation_tuple (subject_type, subject_id, subject_relation, resource_type);

create table outbox (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  type text not null,
  occurred_at timestamptz not null,
  actor text not null,
  correlation_id text not null,
  payload text not null
);
