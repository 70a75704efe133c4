-- Background work: rows that fail wait for their next attempt, an intent names its vault, and old events can be found.

-- The key id of the vault that holds the path. Null in rows of earlier releases, which were made for the OpenBao of the settings.
alter table intent add column key_id text;
-- Attempts of the sweep so far, and the time before which there is no other.
alter table intent add column attempts integer not null default 0;
alter table intent add column next_attempt_at timestamptz not null default '-infinity';

-- The same for putting the secret of a revoked or expired credential out of use.
alter table cloud_credential add column vault_attempts integer not null default 0;
alter table cloud_credential add column vault_next_attempt_at timestamptz not null default '-infinity';

create index outbox_occurred_at on outbox (occurred_at);
