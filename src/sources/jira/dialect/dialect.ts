/** One page of a search, as JSON; `next` asks for the page after it. */
export interface RawPage {
  issues: unknown[];
  next?: string;
}

export interface PageQuery {
  jql: string;
  fields: string[];
  properties: string[];
  maxResults: number;
  /** `next` of the page before. */
  after?: string | undefined;
  /** Ids of issues that we changed lately: search is to see them as they are now. */
  reconcileIssues?: string[];
}

/** A comment's text: an ADF document on Cloud, wiki markup on Data Center. */
export type CommentBody = string | { type: 'doc'; version: 1; content: Record<string, unknown>[] };

export interface CommentUpdate {
  body: CommentBody;
  /** As it was read. */
  visibility?: Readonly<Record<string, unknown>>;
}

export interface TransitionRequest {
  transitionId: string;
  /** Of its screen, by id, as this Jira takes them (`encodeFields`). */
  fields?: Readonly<Record<string, unknown>>;
  /** Issue properties written in the same request. */
  properties?: { key: string; value: unknown }[];
}

/** A page elsewhere that belongs to an issue. */
export interface RemoteLink {
  /** Whose link it is, at most 255 characters: a link of the same id takes its place. */
  globalId: string;
  url: string;
  title: string;
  summary?: string;
  /** How the issue stands to it; Jira's own word is "links to". */
  relationship?: string;
}

/** A link as both languages of Jira take it. */
export const remoteLinkBody = ({ globalId, relationship, url, title, summary }: RemoteLink) => ({
  globalId,
  ...(relationship !== undefined && { relationship }),
  object: { url, title, ...(summary !== undefined && { summary }) },
});

/**
 * The two languages of Jira, Cloud's REST v3 and Data Center's v2, as far as we speak them. Answers are JSON as it
 * came; `parse.ts` reads it. Keys and ids are validated by the caller.
 */
export interface Dialect {
  format: 'adf' | 'wiki';
  searchPage(query: PageQuery, signal?: AbortSignal): Promise<RawPage>;
  issue(key: string, fields: string[], signal?: AbortSignal): Promise<unknown>;
  commentPage(key: string, startAt: number, signal?: AbortSignal): Promise<unknown>;
  addComment(key: string, body: CommentBody, signal?: AbortSignal): Promise<unknown>;
  updateComment(key: string, id: string, update: CommentUpdate, signal?: AbortSignal): Promise<unknown>;
  deleteComment(key: string, id: string, signal?: AbortSignal): Promise<void>;
  property(key: string, name: string, signal?: AbortSignal): Promise<unknown>;
  setProperty(key: string, name: string, value: unknown, signal?: AbortSignal): Promise<void>;
  /** With the fields of their screens. */
  transitions(key: string, signal?: AbortSignal): Promise<unknown>;
  transition(key: string, request: TransitionRequest, signal?: AbortSignal): Promise<void>;
  setRemoteLink(key: string, link: RemoteLink, signal?: AbortSignal): Promise<void>;
  projectStatuses(project: string, signal?: AbortSignal): Promise<unknown>;
  assignableUsers(project: string, words: string, signal?: AbortSignal): Promise<unknown>;
  /** Entries from `startAt` on, as a page of `values`. */
  changelogPage(key: string, startAt: number, signal?: AbortSignal): Promise<unknown>;
}

export const commentsPerPage = 100;
