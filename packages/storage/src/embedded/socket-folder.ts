/** Chooses the folder for the unix socket of the embedded PostgreSQL: in the data folder, unless that path is too long. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SOCKET_PORT = 5432;
const SOCKET_FILE = `.s.PGSQL.${SOCKET_PORT}`;
/** sun_path of Linux holds 107 bytes and a terminating zero; that of macOS holds four bytes less. */
const MAX_SOCKET_PATH_BYTES = 103;

export function socketFile(folder: string): string {
  return join(folder, SOCKET_FILE);
}

/**
 * Creates and returns the folder for the socket.
 * @param dataDir an absolute path
 * @throws Error when the folder in the temporary directory belongs to another user
 */
export function socketFolder(dataDir: string, uid = process.getuid?.()): string {
  const folderInData = join(dataDir, 'socket');
  if (Buffer.byteLength(socketFile(folderInData)) <= MAX_SOCKET_PATH_BYTES) {
    mkdirSync(folderInData, { recursive: true, mode: 0o700 });
    chmodSync(folderInData, 0o700);
    return folderInData;
  }
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 20);
  const folder = join(tmpdir(), `credplex-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // Another user may have created it first, because everybody may write to the temporary directory.
  if (!found.isDirectory() || (uid !== undefined && uid !== 0 && found.uid !== uid) || (found.mode & 0o022) !== 0) {
    throw new Error(
      `${folder} is needed for the socket of the embedded PostgreSQL, but is not a private folder of ours`,
    );
  }
  chmodSync(folder, 0o700);
  return folder;
}

/** Removes the socket folder if it is in the temporary directory. */
export function removeSocketFolder(folder: string, dataDir: string): void {
  if (folder.startsWith(dataDir)) return;
  try {
    rmdirSync(folder);
  } catch {
    // A concurrent start uses the folder already.
  }
}
