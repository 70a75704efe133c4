-- A login that ends takes its access tokens along: a revocation may name a session, the `sid` of its tokens.

alter table token_revocation drop constraint token_revocation_kind_check;
alter table token_revocation add constraint token_revocation_kind_check
  check (kind in ('jti', 'user', 'client', 'session'));
