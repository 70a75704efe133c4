import { compactJson } from '../format/json.ts';
import { isObject, record, type Value, withField, without } from '../format/json-tree.ts';
import { printYaml } from '../format/yaml.ts';

/** One credential of an export, in the order in which it is to be written. */
export interface ExportEntry {
  readonly name: string;
  readonly type: string;
  readonly value: Value;
  readonly metadata?: Value | undefined;
}

/**
 * A file format that `import` reads. Each credential is formatted immediately, so that a long export does not keep ten
 * thousand trees in memory.
 */
export interface ExportForm {
  readonly item: (entry: ExportEntry) => string;
  readonly whole: (items: readonly string[]) => string;
}

/** Every text and every integer comes back as it was. */
export const yamlForm: ExportForm = {
  item: ({ name, type, value, metadata }) =>
    printYaml(record({ credentials: [record({ name, type, value, metadata: kept(metadata) })] }), {
      lossless: true,
    }).slice('credentials:\n'.length),
  whole: (items) => (items.length === 0 ? 'credentials: []\n' : `credentials:\n${items.join('')}`),
};

/** One line without a line break at the end; the keys begin with capitals, as the original writes them. */
export const jsonForm: ExportForm = {
  item: ({ name, type, value, metadata }) =>
    compactJson(record({ Name: name, Type: type, Value: value, Metadata: kept(metadata) })),
  whole: (items) => `{"Credentials":[${items.join(',')}]}`,
};

/** The value of a certificate with the name of its signer in place of the signer's certificate. */
export function withSigner(value: Value, signer: string): Value {
  return isObject(value) ? withField(without(value, 'ca'), 'ca_name', signer) : value;
}

function kept(metadata: Value | undefined): Value | undefined {
  return isObject(metadata) && metadata.entries.size > 0 ? metadata : undefined;
}
