import type { Jira } from '../../jira/simulator';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

/** JSON as a test walks it. */
export type Json = { [name: string]: Json } & Json[] & (string | number | boolean | null | undefined);

export const basic = (email: string, token: string) =>
  `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;

/** Dana's credentials, as the deployment wants them. */
export function dana(jira: Jira): string {
  return jira.deployment === 'cloud' ? basic('dana@acme.example', 'dana-token') : 'Bearer dana-pat';
}

/** One request; `authorization: null` sends none. */
export async function ask(
  jira: Jira,
  method: string,
  path: string,
  given: { body?: unknown; authorization?: string | null; base?: string; signal?: AbortSignal } = {},
): Promise<Reply> {
  const authorization = given.authorization === undefined ? dana(jira) : given.authorization;
  const response = await fetch((given.base ?? jira.url) + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(given.body === undefined
      ? {}
      : { body: typeof given.body === 'string' ? given.body : JSON.stringify(given.body) }),
    ...(given.signal ? { signal: given.signal } : {}),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** The `values` of a page (which an array has as a method). */
export function valuesOf(page: Json): Json[] {
  return (page as unknown as { values?: Json[] }).values ?? [];
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined as unknown as Json;
  }
}
