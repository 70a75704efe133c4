/** Where the private PostgreSQL puts its unix socket: beside its data, unless that path is too long for a socket. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SOCKET_PORT = 5432;
const SOCKET_FILE = `.s.PGSQL.${SOCKET_PORT}`;
/** sun_path of Linux holds 107 bytes and a zero; macOS holds four less. */
const MAX_SOCKET_PATH_BYTES = 103;

export function socketFile(folder: string): string {
  return join(folder, SOCKET_FILE);
}

/** @param dataDir an absolute path @throws Error when the replacement folder belongs to somebody else */
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
  // In a folder that everybody may write to, somebody else may have been first.
  if (!found.isDirectory() || (uid !== undefined && uid !== 0 && found.uid !== uid) || (found.mode & 0o022) !== 0) {
    throw new Error(
      `${folder} is needed for the socket of the embedded PostgreSQL, but is not a private folder of ours`,
    );
  }
  chmodSync(folder, 0o700);
  return folder;
}

/** Nothing stays in the system's temporary folder. */
export function removeSocketFolder(folder: string, dataDir: string): void {
  if (folder.startsWith(dataDir)) return;
  try {
    rmdirSync(folder);
  } catch {
    // Another start has put its socket there already.
  }
}
