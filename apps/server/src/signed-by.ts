import { type IsSignedBy, type Pki, PkiError } from '@credplex/core';

/** Returns whether a CA signed a certificate, for texts that nobody has checked: `false` where one of them cannot be read. */
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
