export * from './json-tree.ts';
export { JsonSyntaxError, parseJson } from './parse-json.ts';
