import type { RunLine } from '../run';

/** Why a run did not come to its end, in words and with the next step. */
export type RunFailureKind =
  | 'model'
  | 'apiDown'
  | 'notSignedIn'
  | 'credit'
  | 'promptTooLong'
  | 'budget'
  | 'maxTurns'
  | 'permission'
  | 'claude'
  | 'sessionBusy'
  | 'sessionLost'
  | 'documents'
  | 'review'
  | 'check'
  | 'diskFull'
  | 'commit'
  | 'pushRejected'
  | 'pushDenied'
  | 'push'
  | 'interrupted'
  | 'unknown';

export interface RunFailure {
  kind: RunFailureKind;
  /** What happened, one sentence. */
  message: string;
  /** The same for the issue and for channels, where it differs: without what programs said. */
  told?: string;
  /** What a person does next, one sentence. */
  next: string;
}

export const failure = (kind: RunFailureKind, message: string, next: string): RunFailure => ({
  kind,
  message: /[.!?…]$/.test(message) ? message : `${message}.`,
  next,
});

/** After what a person has mended. */
export const goOn = 'Then continue the run.';

/** What was said, behind the words for it. */
export const said = ({ text }: Pick<RunLine, 'text'>): string => (text ? `: ${text}` : '');
