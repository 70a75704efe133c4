import type { Value } from '../format/json-tree.ts';
import { sourceOf } from '../yaml/read.ts';
import { formatGo, goType } from './go-text.ts';
import { isTemplateMap, printTemplate, readTemplate, type TemplateNode, toTemplate } from './template.ts';

/** The template cannot be filled. The message is shown to the user. */
export class InterpolateError extends Error {
  override readonly name = 'InterpolateError';
}

export interface InterpolateOptions {
  readonly text: string | Uint8Array;
  /** The file's name as the user gave it, for the list of what is missing. */
  readonly file: string;
  /** Folder for names that do not begin with a slash; with or without slashes around it. */
  readonly prefix?: string | undefined;
  /** Whether placeholders without a credential stay as they are. */
  readonly skipMissing?: boolean | undefined;
}

export interface CredentialSource {
  /** Returns all names that the user can read. */
  readonly names: () => Promise<readonly string[]>;
  /** The current version of a credential, by a name of that list; called once for each name. */
  readonly read: (name: string) => Promise<{ readonly type: string; readonly value: Value }>;
}

export interface Interpolated {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Fills the placeholders of a YAML template with credentials (docs/reference/credhub-cli.md#interpolate).
 * @throws YamlSyntaxError for a template that is no YAML
 * @throws InterpolateError for a name or a field that does not exist, or a value that does not fit into a text
 */
export async function interpolate(options: InterpolateOptions, source: CredentialSource): Promise<Interpolated> {
  if (options.text.length === 0) return { stdout: '', stderr: '' };
  const variables = new Variables(options.prefix ?? '', source);
  const file = sourceOf(options.text);
  const template = readTemplate(file);
  const filled = await fill(await withoutDefinitions(template, variables), variables);
  if (variables.missing.size > 0 && options.skipMissing !== true) {
    const names = [...variables.missing].sort();
    throw new InterpolateError(`Expected to find variables: ${names.join('\n')}`);
  }
  const printed = printTemplate(filled);
  return { stdout: `${printed}\n`, stderr: `${leftOver(printed, { text: file.text, file: options.file })}\n` };
}

const placeholder = /\(\( ?(!?[-/.\w\p{L}]+) ?\)\)/u;
const placeholders = new RegExp(placeholder, 'gu');
const wholly = new RegExp(`^${placeholder.source}$`, 'u');

async function fill(node: TemplateNode, variables: Variables): Promise<TemplateNode> {
  if (typeof node === 'string') return fillText(node, variables);
  if (Array.isArray(node)) {
    const items: TemplateNode[] = [];
    for (const item of node) items.push(await fill(item, variables));
    return items;
  }
  if (!isTemplateMap(node)) return node;
  const entries: [TemplateNode, TemplateNode][] = [];
  for (const [key, value] of node.entries) {
    const filledKey = await fill(key, variables);
    if (typeof filledKey === 'object' && filledKey !== null && 'length' in filledKey) throw notAKey(key);
    if (isTemplateMap(filledKey)) throw notAKey(key);
    entries.push([filledKey, await fill(value, variables)]);
  }
  return { kind: 'map', entries };
}

async function fillText(text: string, variables: Variables): Promise<TemplateNode> {
  let filled = text;
  for (const [, written = ''] of text.matchAll(placeholders)) {
    const name = written.replace(/^!/, '');
    const found = await variables.find(name);
    if (found === undefined) continue;
    if (wholly.test(text)) return found;
    const inText = asText(found);
    if (inText === undefined) {
      throw new InterpolateError(
        `Invalid type '${goType(found)}' for value '${formatGo(found)}' and variable '${name}'. Supported types for interpolation within a string are integers and strings.`,
      );
    }
    filled = filled.replaceAll(`((${name}))`, () => inText).replaceAll(`((!${name}))`, () => inText);
  }
  return filled;
}

function asText(value: TemplateNode): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('number' in value)) return undefined;
  return /^-?[0-9]+$/.test(value.number) ? value.number : undefined;
}

function notAKey(key: TemplateNode): InterpolateError {
  return new InterpolateError(
    `The value for the key '${formatGo(key)}' must be a text or a number to be used as a key.`,
  );
}

/** Every name under a top-level `variables:` must exist, and is taken out of that list. */
async function withoutDefinitions(template: TemplateNode, variables: Variables): Promise<TemplateNode> {
  if (!isTemplateMap(template)) return template;
  const entries: [TemplateNode, TemplateNode][] = [];
  for (const [key, value] of template.entries) {
    if (key !== 'variables' || !Array.isArray(value)) {
      entries.push([key, value]);
      continue;
    }
    const left: TemplateNode[] = [];
    for (const definition of value) {
      const name = isTemplateMap(definition) ? definition.entries.find(([field]) => field === 'name')?.[1] : undefined;
      if (typeof name !== 'string' || (await variables.find(name)) === undefined) left.push(definition);
    }
    entries.push([key, left]);
  }
  return { kind: 'map', entries };
}

/** Reads each credential once; matches names regardless of letter case. */
class Variables {
  readonly missing = new Set<string>();
  readonly #folder: string;
  readonly #source: CredentialSource;
  readonly #values = new Map<string, TemplateNode>();
  #names: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(prefix: string, source: CredentialSource) {
    const bare = prefix.replace(/^\/+|\/+$/g, '');
    this.#folder = bare === '' ? '/' : `/${bare}/`;
    this.#source = source;
  }

  /** The value behind `name` or `name.field.field`; undefined if there is no such credential. */
  async find(name: string): Promise<TemplateNode | undefined> {
    const [credential = '', ...fields] = name.split('.');
    let value = await this.#read(credential, name);
    if (value === undefined) {
      this.missing.add(credential);
      return undefined;
    }
    let path = '';
    for (const field of fields) {
      path += `/${field}`;
      value = step(value, field, { path, name });
    }
    return value;
  }

  /** `name` is the whole placeholder, for messages. */
  async #read(credential: string, name: string): Promise<TemplateNode | undefined> {
    const full = (credential.startsWith('/') ? credential : this.#folder + credential).toLowerCase();
    this.#names ??= this.#source.names().then((names) => new Map(names.map((known) => [known.toLowerCase(), known])));
    const known = (await this.#names).get(full);
    if (known === undefined) return undefined;
    const before = this.#values.get(full);
    if (before !== undefined) return before;
    const { value } = await this.#source.read(known).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InterpolateError(`Finding variable '${name}': ${reason}`, { cause: error });
    });
    const node = toTemplate(value);
    this.#values.set(full, node);
    return node;
  }
}

function step(value: TemplateNode, field: string, { path, name }: { path: string; name: string }): TemplateNode {
  if (Array.isArray(value)) {
    const item: TemplateNode | undefined = /^[0-9]+$/.test(field) ? value[Number(field)] : undefined;
    if (item !== undefined) return item;
    throw new InterpolateError(
      `Finding variable '${name}': Expected to find a list index at path '${path}' (the list has ${value.length} items)`,
    );
  }
  if (!isTemplateMap(value)) {
    throw new InterpolateError(
      `Finding variable '${name}': Expected to find a map at path '${path}' but found '${goType(value)}'`,
    );
  }
  const entry = value.entries.find(([key]) => key === field);
  if (entry) return entry[1];
  const keys = value.entries.map(([key]) => `'${formatGo(key)}'`).sort();
  throw new InterpolateError(
    `Finding variable '${name}': Expected to find a map key '${field}' for path '${path}' (found map keys: ${keys.join(', ')})`,
  );
}

/** Where the placeholders that are left stand in the template, one line for each time a name is used on each line. */
function leftOver(printed: string, { text, file }: { text: string; file: string }): string {
  const left = Array.from(printed.matchAll(/\(\(.*\)\)/g), ([all]) => all);
  if (left.length === 0) return '';
  const lines: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const name of left) if (line.includes(name)) lines.push(`${file}:${index + 1} ${name}\n`);
  }
  return `Could not find values for:\n${lines.join('')}`;
}
