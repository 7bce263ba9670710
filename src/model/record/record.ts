/** What is published on the issue about a session, a run or an approval (README, "Records on the issue"). */

/** A record's title, as people and the parser read it. */
export type RecordTitle =
  | 'AI Analysis Started'
  | 'AI Analysis Complete'
  | 'AI Analysis Failed'
  | 'AI Implementation Started'
  | 'AI Implementation Complete'
  | 'AI Implementation Failed'
  | 'AI Handoff'
  | 'Approval Requested'
  | 'Approved for Implementation'
  | 'Changes Requested';

/** The lines of one record. Every field has passed its own validation in `names.ts`; anything else was dropped. */
export interface RecordFields {
  title: RecordTitle;
  sessionId?: string;
  host?: string;
  directory?: string;
  branch?: string;
  commit?: string;
  /** `Document: PATH BLOB` lines of an approval. */
  documents?: { path: string; blob: string }[];
  /** Names listed under `Docs generated`. */
  docs?: string[];
  continues?: string;
  step?: { current: number; total: number };
  reason?: string;
  remote?: string;
  webTerminal?: string;
  /** Opens the task in an editor, by the configured redirect. */
  editorUrl?: string;
  status?: string;
}

export interface Person {
  /** Cloud `accountId`, Data Center `key`. */
  id: string;
  name: string;
  /** A program's account, by Jira Cloud's word. */
  isApp?: true;
}

/** One record as one comment claims it: text is a claim, author and times are the proof. Times are epoch ms. */
export interface RecordClaim extends RecordFields {
  issueKey: string;
  commentId: string;
  author: Person;
  updateAuthor: Person;
  created: number;
  updated: number;
}

/** All claims about one session on one issue: the newest line of each field wins. */
export interface SessionRecord extends RecordFields {
  sessionId: string;
  issueKey: string;
  /** Of the earliest claim: decides which issue a session belongs to. */
  created: number;
  updated: number;
  /** Oldest first. */
  claims: RecordClaim[];
}

/** `Status:` of a session whose documents a person wants otherwise, and of the comment that asks for it. */
export const changesRequestedStatus = 'Changes requested';

/** `Status:` of a run that a person has ended: its record has the title of a failure, and is none. */
export const stoppedStatus = 'Stopped';
