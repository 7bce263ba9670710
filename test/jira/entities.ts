/** Plain shapes of what the simulator keeps. Times are epoch milliseconds. */

/** A node of the Atlassian Document Format; a whole document has type `doc` and `version: 1`. */
export interface AdfNode {
  type: string;
  version?: number;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: AdfMark[];
  content?: AdfNode[];
}

export interface AdfMark {
  type: string;
  attrs?: Record<string, unknown>;
}

/** Rich text as it is kept: ADF on Cloud, wiki markup on Data Center. */
export type Body = AdfNode | string;

/**
 * `classic` works on the site URL, `scoped` only on the gateway (both Basic with the e-mail);
 * `oauth` is a Bearer token for the gateway, `pat` a Bearer token for Data Center.
 */
export interface Token {
  value: string;
  kind: 'classic' | 'scoped' | 'oauth' | 'pat';
  /** Only `scoped` and `oauth` tokens have them: `read:jira-work`, `write:jira-work`, `read:jira-user`. */
  scopes?: string[];
}

export interface User {
  accountId: string;
  /** Data Center's user name. */
  name: string;
  /** Data Center's user key. */
  key: string;
  displayName: string;
  email: string;
  /** IANA name: JQL dates are read, and dates in answers written, in this zone. */
  timeZone: string;
  accountType: 'atlassian' | 'app';
  tokens: Token[];
}

export type StatusCategory = 'new' | 'indeterminate' | 'done';

export interface Status {
  id: string;
  name: string;
  category: StatusCategory;
}

export interface ScreenField {
  key: string;
  name: string;
  required: boolean;
  allowed?: { id: string; name: string }[];
  /** Absent: that of a system field, by its key. */
  schema?: { type: string; items?: string; system?: string; custom?: string; customId?: number };
  hasDefault?: boolean;
}

export interface Transition {
  id: string;
  name: string;
  /** Name of the status it leads to. */
  to: string;
  /** Names of the statuses it is offered from; absent means from every other one. */
  from?: string[];
  screen?: ScreenField[];
}

export interface Workflow {
  statuses: Status[];
  transitions: Transition[];
}

export interface Project {
  id: string;
  key: string;
  name: string;
}

export interface Visibility {
  type: 'role' | 'group';
  value: string;
  identifier?: string;
}

export interface Comment {
  id: string;
  author: User;
  updateAuthor: User;
  body: Body;
  created: number;
  updated: number;
  visibility?: Visibility;
  properties: Map<string, unknown>;
}

export interface Change {
  id: string;
  author: User;
  created: number;
  items: ChangeItem[];
}

export interface ChangeItem {
  field: string;
  from: string | null;
  fromString: string | null;
  to: string | null;
  toString: string | null;
}

export interface RemoteLink {
  id: number;
  globalId?: string;
  relationship?: string;
  application?: unknown;
  object: { url: string; title: string; summary?: string };
}

export type Permission = 'browse' | 'comment' | 'editAllComments' | 'edit' | 'transition' | 'link';

export interface Issue {
  id: string;
  key: string;
  project: Project;
  type: string;
  summary: string;
  description: Body | null;
  status: Status;
  priority: string | null;
  assignee: User | null;
  reporter: User;
  labels: string[];
  resolution: string | null;
  parent: string | null;
  sprint: { id: number; name: string; state: 'active' | 'closed' | 'future' } | null;
  created: number;
  updated: number;
  comments: Comment[];
  properties: Map<string, unknown>;
  changes: Change[];
  remoteLinks: RemoteLink[];
  /** Custom fields by their ids, as they were given. */
  custom: Map<string, unknown>;
  attachments: Attachment[];
}

/** Known by name only: nothing is stored. */
export interface Attachment {
  filename: string;
  mimeType: string;
  size: number;
}

export interface Filter {
  id: string;
  name: string;
  owner: User;
  jql: string;
}
