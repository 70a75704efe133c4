/** Sets the TLS context of a server with an option that `server.setSecureContext` of node:tls does not support. */
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';

/** The undocumented field in which node:tls keeps the context of new connections. */
const CONTEXT_FIELD = '_sharedCreds';
/** OpenSSL refuses to resume sessions of clients with certificates when the context has no name. */
const SESSION_ID_CONTEXT = 'credplex';

/**
 * Sets the context of new connections so that every certificate of `ca` is a trust anchor, including intermediates (without their
 * root) and a client's own certificate.
 *
 * @throws Error when Node no longer has the field, since clients would then be checked against other anchors.
 */
export function setSecureContext(server: Server, options: SecureContextOptions): void {
  if (!Object.hasOwn(server, CONTEXT_FIELD)) {
    throw new Error(`this version of Node keeps no ${CONTEXT_FIELD} in a TLS server; use the version of package.json`);
  }
  const context = { ...options, sessionIdContext: SESSION_ID_CONTEXT };
  // Node's own method stores the options.
  server.setSecureContext(context);
  const partial = createSecureContext({ honorCipherOrder: true, ...context, allowPartialTrustChain: true });
  Object.assign(server, { [CONTEXT_FIELD]: partial });
}
