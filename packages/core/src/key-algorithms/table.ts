/** The table of key algorithms. A new algorithm is one file in this folder and one line here. */
export { ec } from './ec.ts';
export { ed25519 } from './ed25519.ts';
export { rsa } from './rsa.ts';
