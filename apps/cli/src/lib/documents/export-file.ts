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

/** The file that `import` reads: every text and every integer comes back as it was. */
export function exportYaml(entries: readonly ExportEntry[]): string {
  const credentials = entries.map(({ name, type, value, metadata }) =>
    record({ name, type, value, metadata: kept(metadata) }),
  );
  return printYaml(record({ credentials }), { lossless: true });
}

/** One line without a line break at the end; the keys begin with capitals, as the original writes them. */
export function exportJson(entries: readonly ExportEntry[]): string {
  const credentials = entries.map(({ name, type, value, metadata }) =>
    record({ Name: name, Type: type, Value: value, Metadata: kept(metadata) }),
  );
  return compactJson(record({ Credentials: credentials }));
}

/** The value of a certificate with the name of its signer in place of the signer's certificate. */
export function withSigner(value: Value, signer: string): Value {
  return isObject(value) ? withField(without(value, 'ca'), 'ca_name', signer) : value;
}

function kept(metadata: Value | undefined): Value | undefined {
  return isObject(metadata) && metadata.entries.length > 0 ? metadata : undefined;
}
