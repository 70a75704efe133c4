/** `@credplex/storage/sealing`: sealing one document in another thread, without a database driver beside it. */
export { type MessageCipher, sealWith } from './sql.ts';
