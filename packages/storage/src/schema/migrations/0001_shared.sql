-- What every family of tables needs: keys, shared secrets, promises to a remote vault, audit. docs/storage.md tells each column.

create table key_canary (
  key_id     text collate "C" primary key,
  name       text collate "C" not null,
  kdf        text not null,
  salt       bytea,
  canary     bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);

create table shared_secret (
  name       text collate "C" primary key,
  id         text not null,
  key_id     text not null,
  format     smallint not null,
  sealed     bytea not null,
  updated_at timestamptz not null default now()
);

create table intent (
  id        uuid primary key,
  path      text not null,
  purpose   text not null,
  ref       text not null,
  opened_at timestamptz not null default now(),
  sweeping  boolean not null default false
);
create index intent_opened_at on intent (opened_at);

create table audit_event (
  id         bigint generated always as identity primary key,
  at         timestamptz not null,
  request_id text not null,
  actor      text not null,
  action     text not null,
  resource   text,
  version_id text,
  details    text
);
-- Rows come nearly in the order of time, so a range index of a few pages is enough and costs a write next to nothing.
create index audit_event_at on audit_event using brin (at) with (pages_per_range = 16);
