/** An example of each route: what a client sends, and what it gets when all goes well. */
import type * as z from 'zod';
import type { QueryInput, QuerySpec } from './query.ts';
import type { PathNames, RouteSpec, Routes } from './route.ts';

type Success = 200 | 201;
type Answer<R extends RouteSpec> = {
  [S in keyof R['responses'] & Success]: R['responses'][S] extends infer A extends z.ZodType ? z.output<A> : never;
}[keyof R['responses'] & Success];

type ParamsExample<R extends RouteSpec> = [PathNames<R['path']>] extends [never]
  ? { readonly params?: undefined }
  : { readonly params: Readonly<Record<PathNames<R['path']>, string>> };
type QueryExample<R extends RouteSpec> =
  R extends Readonly<Record<'query', infer Q extends QuerySpec>>
    ? { readonly query: QueryInput<Q> }
    : { readonly query?: undefined };
type BodyExample<R extends RouteSpec> =
  R extends Readonly<Record<'body', infer B extends z.ZodType>>
    ? { readonly body: z.input<B> }
    : { readonly body?: undefined };
type AnswerExample<R extends RouteSpec> = [Answer<R>] extends [never]
  ? { readonly answer?: undefined }
  : { readonly answer: Answer<R> };

/** One for every route of a table; the compiler names the route that has none. */
export type Examples<T extends Routes> = {
  readonly [K in keyof T]: ParamsExample<T[K]> & QueryExample<T[K]> & BodyExample<T[K]> & AnswerExample<T[K]>;
};

/** An example whose route is not known. */
export interface AnyExample {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly answer?: unknown;
}
