import type { IncomingHttpHeaders } from 'node:http';

/** An answer in full. `body` is decoded text. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A header as one text; empty where it is missing. */
export const header = (headers: IncomingHttpHeaders, name: string): string =>
  [headers[name] ?? []].flat().join(', ');

/** `Retry-After` in ms: seconds or a date; never more than an hour, so that a wrong clock cannot silence us for good. */
export function retryAfter(value: string, now: number): number | undefined {
  if (value === '') return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}
