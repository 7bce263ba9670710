/** What came of bringing an issue to say something. */
export interface Outcome {
  kind:
    | 'published'
    | 'unchanged'
    /** Jira could not take it now; the ledger remembers, and later verbs try again. */
    | 'owed'
    /** Jira does not let us; trying again helps only after somebody has changed something. */
    | 'refused';
  /** What happened and what to do, one line, where it is owed or refused. */
  note?: string;
}
