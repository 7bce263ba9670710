import type { OpenTerminal, WayOut } from '../resume/plan';

/** What came of a question. */
export type Asked =
  /** It stands in the session's transcript. `started`: the session did not live, and was resumed for it. */
  | { kind: 'asked'; open: OpenTerminal; started: boolean }
  /** It was typed, and nobody has seen it arrive. */
  | { kind: 'unclear'; open: OpenTerminal; reason: string; next: string }
  /** Nothing was typed. `open`: where the session lives, if it can be looked at. */
  | { kind: 'refused'; reason: string; next: string; waysOut: WayOut[]; open?: OpenTerminal };

export type Refused = Extract<Asked, { kind: 'refused' }>;

export const refused = (reason: string, next: string, waysOut: WayOut[]): Refused => ({
  kind: 'refused',
  reason,
  next,
  waysOut,
});
