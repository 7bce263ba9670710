import type { RecordClaim, SessionRecord } from './record';
import type { StatusCategory } from './task';

/** One Jira issue as a search page brings it. Times are epoch ms. Comment bodies are parsed and let go. */
export interface Issue {
  id: string;
  key: string;
  summary: string;
  status: string;
  statusCategory: StatusCategory;
  priority?: string;
  issueType?: string;
  assignee?: string;
  /** Page for a person. */
  url: string;
  created: number;
  updated: number;
  /** Records found in the comments, oldest first. */
  claims: RecordClaim[];
  /** Comments on the issue, and how many of them were read. */
  comments: { total: number; read: number };
  /** The index property `task-sessions`, where present and readable. */
  index?: RecordIndex;
}

/** Value of the issue property `task-sessions`: a cache of the records for search; comments are the proof. */
export interface RecordIndex {
  schema: 1;
  /** Comments on the issue when it was written. */
  commentsSeen: number;
  updatedAt: number;
  records: Pick<
    SessionRecord,
    'sessionId' | 'title' | 'host' | 'directory' | 'branch' | 'commit' | 'created' | 'updated'
  >[];
}
