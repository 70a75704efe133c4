import { DecoderV2, type V2Options } from './decode-v2.ts';
import { DecoderV3 } from './decode-v3.ts';
import type { Loaded, LoadedMap } from './loaded.ts';
import { parseYaml } from './parser.ts';
import type { YamlSource } from './source.ts';

export { isLoadedBytes, isLoadedMap, isLoadedTime, type Loaded, type LoadedMap } from './loaded.ts';
export { sourceOf, type YamlSource } from './source.ts';
export { YamlEncodingError, YamlSyntaxError } from './syntax-error.ts';

/**
 * Reads the first document as go-yaml v2 does; null if there is none.
 * @throws YamlSyntaxError
 */
export function readYamlV2(source: YamlSource, options: V2Options): Loaded {
  const root = parseYaml(source, 'v2');
  return root === undefined ? null : new DecoderV2(options).decode(root);
}

/**
 * Reads the first document as go-yaml v3 does; null if there is none.
 * @throws YamlSyntaxError
 */
export function readYamlV3(source: YamlSource): Loaded {
  const root = parseYaml(source, 'v3');
  return root === undefined ? null : new DecoderV3().decode(root);
}

/**
 * Reads the list of maps below one top-level key as go-yaml v3 does with a Go struct; null if it is missing or null.
 * Other parts of the document are parsed and not decoded.
 * @throws YamlSyntaxError
 */
export function readMapList(source: YamlSource, name: string): readonly (LoadedMap | null)[] | null {
  const root = parseYaml(source, 'v3');
  if (root === undefined) return null;
  const decoder = new DecoderV3();
  return decoder.findField(root, name, (value) => decoder.decodeMapList(value)) ?? null;
}
