/** Sets the TLS contexts of a server with an option that `server.setSecureContext` of node:tls does not support. */
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type Server } from 'node:tls';

/** The undocumented field in which node:tls keeps the context of new connections. */
const CONTEXT_FIELD = '_sharedCreds';
/** OpenSSL ends a handshake that offers a session when client certificates are asked for and the context has no name. */
const SESSION_ID_CONTEXT = 'credplex';

/** By server: contexts that neither accept nor give session tickets. */
const fullHandshakes = new WeakMap<Server, SecureContext>();

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
  const partial = { honorCipherOrder: true, ...context, allowPartialTrustChain: true };
  Object.assign(server, { [CONTEXT_FIELD]: createSecureContext(partial) });
  const { ticketKeys: _, ...unshared } = partial;
  const secureOptions = (options.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET;
  fullHandshakes.set(server, createSecureContext({ ...unshared, secureOptions }));
}

/** Calls `start`, which takes up a connection, so that the connection resumes no session. */
export function withoutResumption(server: Server, start: () => void): void {
  const usual: unknown = Reflect.get(server, CONTEXT_FIELD);
  Object.assign(server, { [CONTEXT_FIELD]: fullHandshakes.get(server) });
  try {
    start();
  } finally {
    Object.assign(server, { [CONTEXT_FIELD]: usual });
  }
}
