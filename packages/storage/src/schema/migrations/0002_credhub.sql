-- CredHub's names, versions and permissions.

-- One row per name. The counter, the two current versions and the time that a find shows live here, so that a get needs no
-- sort, a find no versions, and a write that locks this row locks the name. None of them is indexed: updates stay in the page.
create table credential (
  id              uuid primary key,
  name            text collate "C" not null,
  name_lower      text collate "C" not null unique,
  type            text not null,
  seq             bigint not null,
  active_id       uuid,
  transitional_id uuid,
  listed_at       timestamptz
) with (fillfactor = 85);

-- No foreign key to credential: checking it costs a third of a write. A version is inserted by the statement that locks its
-- name's row, and leaves in the transaction that removes it.
create table credential_version (
  id                    uuid primary key,
  credential_id         uuid not null,
  seq                   bigint not null,
  created_at            timestamptz not null,
  metadata              text,
  parameters            text,
  username              text,
  public_key            text,
  certificate           text,
  ca                    text,
  ca_name               text collate "C",
  expires_at            timestamptz,
  certificate_authority boolean,
  self_signed           boolean,
  generated             boolean,
  transitional          boolean not null default false,
  key_id                text not null,
  format                smallint not null,
  sealed                bytea not null,
  unique (credential_id, seq)
);
create index credential_version_ca_name on credential_version (lower(ca_name)) where ca_name is not null;

-- operations: 1 read, 2 write, 4 delete, 8 read_acl, 16 write_acl.
create table permission (
  id         uuid primary key,
  ordinal    bigint generated always as identity,
  path       text collate "C" not null,
  actor      text collate "C" not null,
  operations smallint not null,
  unique (actor, path)
);
create index permission_path on permission (lower(path));
