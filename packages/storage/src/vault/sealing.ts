/** `@credplex/storage/sealing`: seals one document in a worker thread, without loading a database driver. */
export { type MessageCipher, sealWith } from './sql.ts';
