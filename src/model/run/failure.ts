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
  | 'documents'
  | 'review'
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
  /** What a person does next, one sentence. */
  next: string;
}
