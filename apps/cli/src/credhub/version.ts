declare const CREDPLEX_BUILD: { readonly version: string } | undefined;

/** Put in by the build; `dev` when the program runs from its sources, as in the original. */
export const CLI_VERSION = typeof CREDPLEX_BUILD === 'undefined' ? 'dev' : CREDPLEX_BUILD.version;
