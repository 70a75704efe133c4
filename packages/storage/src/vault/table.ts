/** The table of remote vaults: a new vault is one file beside this one and one line here. */
export { openbao } from './openbao.ts';
