/**
 * Declares node-forge's ASN.1 file, for which there are no types. Loading all of node-forge takes five times as long.
 */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge';
  export default asn1;
}
