export * from './json-tree.ts';
export { JsonSyntaxError, parseFirstJson, parseJson } from './parse-json.ts';
