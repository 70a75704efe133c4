/** The table of key algorithms: a new algorithm is one file beside this one and one line here. */
export { ec } from './ec.ts';
export { ed25519 } from './ed25519.ts';
export { rsa } from './rsa.ts';
