import { credentialForJson, credentialForYaml } from '../format/credential.ts';
import { printJson } from '../format/json.ts';
import { isObject, record, type Value, withField } from '../format/json-tree.ts';
import { printYaml } from '../format/yaml.ts';
import type { Host } from './host.ts';

/** Prints YAML with the empty line that ends it, or tab-indented JSON (docs/reference/credhub-cli.md#output). */
export function printValue(host: Host, value: Value, asJson: boolean): void {
  host.out(asJson ? printJson(value) : `${printYaml(value)}\n`);
}

/** A string as it is, everything else as printValue does. */
export function printPlain(host: Host, value: Value, asJson: boolean): void {
  if (typeof value === 'string') host.out(`${value}\n`);
  else printValue(host, value, asJson);
}

export function printCredential(host: Host, credential: Value, asJson: boolean): void {
  printValue(host, asJson ? credentialForJson(credential) : credentialForYaml(credential), asJson);
}

/** What set, generate and regenerate show: everything but the value. */
export function printRedacted(host: Host, credential: Value, asJson: boolean): void {
  const shown = isObject(credential) ? withField(credential, 'value', '<redacted>') : record({ value: '<redacted>' });
  printCredential(host, shown, asJson);
}
