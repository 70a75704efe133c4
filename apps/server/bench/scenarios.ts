/** The requests that are measured against the bare server, and their goals. */
import type { Goals } from './goals.ts';
import type { Load } from './load.ts';

export type Shape = Pick<Load, 'method' | 'path' | 'body'>;

export interface Scenario {
  readonly name: string;
  readonly ours: Shape;
  /** What the bare server does meanwhile. */
  readonly bare: Shape;
  /** Least ratio of rates, by connections. */
  readonly goals?: Goals;
  /** Greatest ratio of the times within which 99 of 100 answers came, by connections. */
  readonly p99Goals?: Goals;
}

const VALUE = 'a-value-of-thirty-characters-x';
const SELECT: Shape = { method: 'GET', path: '/get?name=/bench/f{f}/n{n}' };
/** Selects the same rows as the find. */
const SELECT_FOLDER: Shape = { method: 'GET', path: '/find?path=/bench/f{f}' };
const INSERT: Shape = { method: 'PUT', path: '/set', body: `{"name":"/b/{u}","value":"${VALUE}"}` };
const READ_GOALS: Goals = { 1: 0.6, 10: 0.8, 50: 0.9 };
const WRITE_GOALS: Goals = { 1: 0.7, 10: 0.9, 50: 1.2 };

export const GET_BY_NAME: Shape = { method: 'GET', path: '/api/v1/data?name=/bench/f{f}/n{n}' };
export const SET: Shape = {
  method: 'PUT',
  path: '/api/v1/data',
  body: `{"name":"/bench-set/{u}","type":"password","value":"${VALUE}"}`,
};
export const GENERATE: Shape = {
  method: 'POST',
  path: '/api/v1/data',
  body: '{"name":"/bench-gen/{u}","type":"password","parameters":{}}',
};

export const scenarios: readonly Scenario[] = [
  {
    name: 'get by name',
    ours: GET_BY_NAME,
    bare: SELECT,
    goals: { 1: 0.7, 10: 0.9, 50: 1 },
    p99Goals: { 50: 1 },
  },
  { name: 'get by id', ours: { method: 'GET', path: '/api/v1/data/{id}' }, bare: SELECT, goals: READ_GOALS },
  { name: 'set', ours: SET, bare: INSERT, goals: WRITE_GOALS },
  { name: 'generate password', ours: GENERATE, bare: INSERT, goals: WRITE_GOALS },
  {
    name: 'converge hit',
    ours: {
      method: 'POST',
      path: '/api/v1/data',
      body: '{"name":"/bench-hit/one","type":"password","mode":"converge","parameters":{}}',
    },
    bare: SELECT,
    goals: READ_GOALS,
  },
  {
    name: 'find by path, 100 hits',
    ours: { method: 'GET', path: '/api/v1/data?path=/bench/f{f}' },
    bare: SELECT_FOLDER,
    goals: { 1: 0.5, 10: 0.5, 50: 0.5 },
  },
];
