/** Schemas of single settings that vaults and the server share. */
import { secret } from '@credplex/core';
import * as z from 'zod';

/** Paths are appended to the URL and it is logged, so it must have no query and no password. */
function isBaseUrl(text: string): boolean {
  const { username, password } = new URL(text);
  return username === '' && password === '' && !/[?#]/.test(text);
}

export const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL', abort: true })
  .refine(isBaseUrl, 'must be a URL without user, password, query and fragment')
  .transform((text) => text.replace(/\/+$/, ''));

export const secretText = z.string().min(1).transform(secret);
export const filePath = z.string().min(1);
