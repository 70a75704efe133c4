/**
 * Stack traces of a bundle in terms of its sources. Node's own `--enable-source-maps` reads every map when its file is loaded;
 * here a map is read when a trace that needs it is written, so that a start pays nothing.
 */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

interface MapFile {
  readonly map: SourceMap;
  /** Folder of the bundle, as seen from the root of the repository. */
  readonly root: string;
}

const PLACE = /((?:file:\/\/\/|\/|[A-Za-z]:\\)[^():\n]*\.js):(\d+):(\d+)/g;
/** Errors that recur, such as those of an outage, are written from here; a map is parsed into some ten MiB. */
const MAX_PLACES = 500;
const places = new Map<string, string>();
const maps = new Map<string, WeakRef<MapFile> | undefined>();

/**
 * Returns `stack` with each place in a bundled file replaced by its place in the sources, which are named as seen from the root of
 * the repository. Places without a source map beside their file stay as they are.
 */
export function mapStack(stack: string): string {
  return stack.replaceAll(PLACE, (place, file: string, line: string, column: string) => {
    const known = places.get(place);
    if (known !== undefined) return known;
    const mapped = sourceOf(file, Number(line), Number(column)) ?? place;
    if (places.size >= MAX_PLACES) places.clear();
    places.set(place, mapped);
    return mapped;
  });
}

/** Returns the frames of an error alone: its message may hold anything. */
export function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return mapStack(stack.split('\n').filter(isFrame).join('\n'));
}

/** Makes a failure that nothing caught end the process with its stack on stderr, and not with a line of the bundle. */
export function reportCrashes(): void {
  process.once('uncaughtException', (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${typeof error}`;
    process.stderr.write(`${mapStack(text)}\n`);
    process.exit(1);
  });
}

function isFrame(line: string): boolean {
  return line.startsWith('    at ');
}

/** Never throws, whatever a map holds: it serves the report of another failure. */
function sourceOf(file: string, line: number, column: number): string | undefined {
  try {
    const found = mapOf(file.startsWith('file:') ? fileURLToPath(file) : file);
    const origin = found?.map.findOrigin(line, column);
    if (found === undefined || origin === undefined || !('fileName' in origin)) return undefined;
    return `${posix.join(found.root, origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
  } catch {
    return undefined;
  }
}

function mapOf(file: string): MapFile | undefined {
  const kept = maps.get(file)?.deref();
  if (kept !== undefined || (maps.has(file) && maps.get(file) === undefined)) return kept;
  const read = readMap(`${file}.map`);
  maps.set(file, read && new WeakRef(read));
  return read;
}

/** Only our bundles name a root. Maps of other packages often do not, and their frames are clear as they are. */
function readMap(file: string): MapFile | undefined {
  try {
    const { sourceRoot, ...payload } = JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload;
    if (typeof sourceRoot !== 'string') return undefined;
    // Without it here, because Node makes a URL of it.
    return { map: new SourceMap({ ...payload, sourceRoot: '' }), root: sourceRoot };
  } catch {
    return undefined;
  }
}
