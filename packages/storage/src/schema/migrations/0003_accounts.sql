-- Who may log in to the built-in issuer, and what replicas share about logins.

create table account_user (
  id uuid primary key,
  name text not null unique check (char_length(name) between 1 and 255),
  -- 'sha256:…' for generated secrets, an argon2id PHC string for chosen ones
  verifier text not null,
  -- lists as OAuth writes them: words with one blank between
  scopes text not null,
  created_at timestamptz not null
);

create table account_client (
  id text primary key check (char_length(id) between 1 and 255),
  verifier text not null,
  grant_types text not null,
  scopes text not null,
  created_at timestamptz not null
);

-- One row per login; locking it makes refreshes of one login queue.
create table refresh_family (
  id uuid primary key,
  user_id uuid not null references account_user (id) on delete cascade,
  client_id text not null references account_client (id) on delete cascade,
  scopes text not null,
  created_at timestamptz not null
);
create index refresh_family_user on refresh_family (user_id);
create index refresh_family_client on refresh_family (client_id);

create table refresh_token (
  hash bytea primary key,
  family uuid not null references refresh_family (id) on delete cascade,
  parent bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- a sibling took its place: presenting it is reuse
  superseded boolean not null default false
);
create index refresh_token_family on refresh_token (family, parent);
create index refresh_token_expires on refresh_token (expires_at);

create table token_revocation (
  kind text not null check (kind in ('jti', 'user', 'client')),
  subject text not null,
  before timestamptz not null,
  expires_at timestamptz not null,
  primary key (kind, subject)
);

create table login_throttle (
  key text primary key,
  failures integer not null,
  last_failure_at timestamptz not null,
  blocked_until timestamptz not null
);

-- One row once the first operator has been made: of servers that start together exactly one makes it, and it is not made
-- again when an operator has removed the account.
create table first_operator (
  is_only boolean primary key default true check (is_only),
  user_id uuid not null,
  created_at timestamptz not null
);
