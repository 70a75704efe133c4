/**
 * node-forge's ASN.1 writer by its own file: the whole of node-forge costs five times as much to load, and its types only
 * name the package.
 */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge';
  export default asn1;
}
