-- Who signed a certificate and who is trusted beside, each in a column of its own.
--
-- From here on `ca` holds the signing CA. Releases before stored up to two CAs there and lost which of them had signed: their rows
-- have ca_is_signer = false, and so have the rows that such a server writes while it still runs. A step in code tells the two
-- apart (docs/storage.md, "Rows of earlier releases").
alter table credential_version
  add column trusted_ca text,
  add column ca_is_signer boolean not null default false;

-- Empty once that step is done: asking whether something is left costs nothing.
create index credential_version_unsplit_ca on credential_version (id) where ca is not null and not ca_is_signer;
