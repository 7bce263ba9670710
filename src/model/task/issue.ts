import type { Person, RecordClaim, SessionRecord } from '../record/record';
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
  /** Status changes from the changelog, where it was read: the proof of an approval. */
  transitions?: {
    /** Of its entry: they grow. */
    id?: string;
    author: Person;
    to: string;
    at: number;
    /** It came with a move to another project or type, and is no transition. */
    isRelocated?: true;
  }[];
  /** The index property `task-sessions`, where present and readable. */
  index?: RecordIndex;
}

/** Value of the issue property `task-sessions`: a cache of the records for search; comments are the proof. */
export interface RecordIndex {
  schema: 1;
  /** Comments on the issue when it was written. */
  commentsSeen: number;
  updatedAt: number;
  /** What its newest approval says of itself: whether that counts, only comments and changelog tell. */
  approval?: { commit: string; at: number; commentId: string };
  records: Pick<
    SessionRecord,
    'sessionId' | 'title' | 'host' | 'directory' | 'branch' | 'commit' | 'created' | 'updated'
  >[];
}

/** One comment as Jira returns it; `body` is an ADF document (Cloud) or wiki markup (Data Center). Times are epoch ms. */
export interface IssueComment {
  id: string;
  author: Person;
  updateAuthor: Person;
  created: number;
  updated: number;
  body: unknown;
  /** Who may see it, where that is not everybody; given back as it came when the comment is edited. */
  visibility?: Readonly<Record<string, unknown>>;
}

/** One issue in full, for reading: description and every comment, oldest first. Times are epoch ms. */
export interface IssueDetail {
  key: string;
  /** Page for a person. */
  url: string;
  summary: string;
  status: string;
  priority?: string;
  issueType?: string;
  assignee?: string;
  reporter?: string;
  labels: string[];
  created: number;
  updated: number;
  /** An ADF document, wiki markup, or nothing. */
  description: unknown;
  comments: IssueComment[];
  /** Of files at the issue only this is known: they are never fetched. */
  attachments?: IssueAttachment[];
}

export interface IssueAttachment {
  name: string;
  /** As Jira says: `image/png`. */
  type?: string;
  /** Bytes. */
  size?: number;
}
