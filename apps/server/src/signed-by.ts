import { type IsSignedBy, type Pki, PkiError } from '@credplex/core';

/** Creates a check whether a CA signed a certificate; it returns `false` when one of the texts cannot be parsed. */
export function isSignedByOf(pki: Pki): IsSignedBy {
  return (certificate, ca) => {
    try {
      return pki.isSignedBy(certificate, ca);
    } catch (error) {
      if (error instanceof PkiError) return false;
      throw error;
    }
  };
}
