import { UserError } from '../../model/errors';
import type { FilledField } from '../../model/gate/approval/requiredField';
import type { Issue, IssueComment, IssueDetail } from '../../model/task/issue';
import { recordIndexKey } from '../../model/record/issueIndex';
import type { RecordClaim } from '../../model/record/record';
import type { Log } from '../../util/log';
import type { Connection, JiraUser } from './connection';
import { readMyself } from './connection';
import { JiraError } from './errors';
import { CloudDialect } from './dialect/cloud';
import { DataCenterDialect } from './dialect/dataCenter';
import type {
  CommentBody,
  Dialect,
  PageQuery,
  RawPage,
  RemoteLink,
  TransitionRequest,
} from './dialect/dialect';
import {
  byTime,
  claimsOf,
  detailFields,
  inOrder,
  parseChangelog,
  parseComment,
  parseComments,
  parseDetail,
  parseId,
  parseIssue,
  parseIssueName,
  parseIssueStatus,
  searchFields,
} from './dialect/parse';
import type { CommentPage, IssueName, IssueStatus, RecordReader, StatusChange } from './dialect/parse';
import { checkedId, checkedKey } from './dialect/pathParts';
import { encodeFields, parseTransitions, type Transition } from './dialect/transitions';
import { JiraProjects } from './projects';
import type { Transport } from './transport';

export interface SearchOptions {
  signal?: AbortSignal | undefined;
  /** Ids of issues that we changed lately; at most 50 count. */
  edited?: readonly string[];
}

export interface SearchResult<T> {
  /** In the query's order, each issue once. */
  items: T[];
  /** Answers of a shape that we do not know. */
  skipped: number;
  /** True where there are more than we read. */
  truncated: boolean;
}

/** Comments of an issue, oldest first: how many were read, of some no shape may be known, and how many there are. */
type WholeThread = { comments: IssueComment[]; read: number; total: number };

/** A page with the size that it was asked in. */
type SizedPage = RawPage & { maxResults: number };

/** Issues of one search that we read at most. */
const mostIssues = 10_000;
/** Entries of one changelog that we read at most. */
const mostChanges = 10_000;
/** Comments of one issue that we read at most; Jira Cloud takes no more. */
const mostComments = 5000;

/** The tasks' side of Jira: what is read and written, in our words. Throws JiraError or CancelledError. */
export class Jira {
  readonly format: 'adf' | 'wiki';
  readonly projects: JiraProjects;
  private readonly dialect: Dialect;

  constructor(
    readonly connection: Connection,
    private readonly transport: Transport,
    private readonly reader: RecordReader,
    private readonly log: Log,
  ) {
    this.dialect =
      connection.deployment === 'cloud' ? new CloudDialect(transport) : new DataCenterDialect(transport);
    this.format = this.dialect.format;
    this.projects = new JiraProjects(this.dialect);
  }

  /** Issues by JQL, with comments and the index property in the same request; `onPage` gets each page as it comes. */
  async search(
    jql: string,
    options: SearchOptions & { onPage?: (issues: Issue[]) => void } = {},
  ): Promise<SearchResult<Issue>> {
    const { onPage } = options;
    return this.pages(jql, options, {
      ...(onPage ? { onPage } : {}),
      fields: searchFields,
      properties: [recordIndexKey],
      maxResults: 100,
      parse: (raw) => parseIssue(raw, this.connection.baseUrl, this.reader),
    });
  }

  /** Only the ids of the issues by JQL, many to a page. */
  async searchIds(jql: string, options: SearchOptions = {}): Promise<SearchResult<{ id: string }>> {
    return this.pages(jql, options, {
      fields: ['key'],
      properties: [],
      maxResults: 5000,
      parse: (raw) => {
        const id = parseId(raw);
        return id === undefined ? undefined : { id };
      },
    });
  }

  /** The same issue with the claims of all its comments, where search brought only some of them. */
  async withAllComments(issue: Issue, signal?: AbortSignal): Promise<Issue> {
    const { comments, ...counts } = await this.allComments(issue.key, undefined, signal);
    return { ...issue, claims: claimsOf(comments, issue.key, this.reader), comments: counts };
  }

  /** Every comment, oldest first, straight from the issue: for resuming and approving. */
  async comments(key: string, signal?: AbortSignal): Promise<IssueComment[]> {
    return (await this.thread(key, signal)).comments;
  }

  /** Every comment, at most 5,000. */
  async thread(key: string, signal?: AbortSignal): Promise<WholeThread> {
    return this.allComments(checkedKey(key), undefined, signal);
  }

  /** What all comments of an issue claim, oldest first. */
  async claims(key: string, signal?: AbortSignal): Promise<RecordClaim[]> {
    return claimsOf(await this.comments(key, signal), key, this.reader);
  }

  /** Whether there is such an issue, and what it is called today: it may have moved to another project. */
  async issueName(key: string, signal?: AbortSignal): Promise<IssueName> {
    return parseIssueName(await this.dialect.issue(checkedKey(key), ['summary'], signal));
  }

  /** How the issue stands now, straight from it, and what it is called today. */
  async status(key: string, signal?: AbortSignal): Promise<IssueStatus> {
    return parseIssueStatus(await this.dialect.issue(checkedKey(key), ['status'], signal));
  }

  /** One issue in full, for reading. */
  async issue(key: string, signal?: AbortSignal): Promise<IssueDetail> {
    const raw = await this.dialect.issue(checkedKey(key), detailFields, signal);
    const { page, ...detail } = parseDetail(raw, this.connection.baseUrl);
    const { comments } = await this.allComments(key, page, signal);
    return { ...detail, comments };
  }

  /** Who we are. Fails with `auth` where Jira takes us for a stranger. */
  me(signal?: AbortSignal): Promise<JiraUser> {
    return readMyself(this.transport, signal);
  }

  /** Never sent twice: after a timeout it may or may not have been written. */
  async addComment(key: string, body: CommentBody, signal?: AbortSignal): Promise<IssueComment | undefined> {
    return parseComment(await this.dialect.addComment(checkedKey(key), body, signal));
  }

  /** Who may see it stays as it is: Jira may take a missing restriction for none. */
  async updateComment(
    key: string,
    { id, visibility }: Pick<IssueComment, 'id' | 'visibility'>,
    body: CommentBody,
    signal?: AbortSignal,
  ): Promise<IssueComment | undefined> {
    const update = { body, ...(visibility && { visibility }) };
    return parseComment(await this.dialect.updateComment(checkedKey(key), checkedId(id), update, signal));
  }

  async deleteComment(key: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.dialect.deleteComment(checkedKey(key), checkedId(id), signal);
  }

  async setIndex(key: string, value: unknown, signal?: AbortSignal): Promise<void> {
    await this.dialect.setProperty(checkedKey(key), recordIndexKey, value, signal);
  }

  /** What Jira offers this account now, with the fields that each asks for. */
  async transitions(key: string, signal?: AbortSignal): Promise<Transition[]> {
    return parseTransitions(await this.dialect.transitions(checkedKey(key), signal));
  }

  /** Never sent twice: after a timeout the issue may or may not have moved. */
  async transition(
    key: string,
    { fields, ...request }: Omit<TransitionRequest, 'fields'> & { fields?: readonly FilledField[] },
    signal?: AbortSignal,
  ): Promise<void> {
    checkedId(request.transitionId);
    const encoded = fields && fields.length > 0 && { fields: encodeFields(fields, this.format) };
    await this.dialect.transition(checkedKey(key), { ...request, ...encoded }, signal);
  }

  /** Makes the link, or brings the one of the same `globalId` to say this. */
  async setRemoteLink(key: string, link: RemoteLink, signal?: AbortSignal): Promise<void> {
    await this.dialect.setRemoteLink(checkedKey(key), link, signal);
  }

  /** Who moved the issue to which status, and when; oldest first. Undefined where there is more than we read. */
  async statusChanges(key: string, signal?: AbortSignal): Promise<StatusChange[] | undefined> {
    const all: StatusChange[] = [];
    for (let startAt = 0; startAt < mostChanges;) {
      const page = parseChangelog(await this.dialect.changelogPage(checkedKey(key), startAt, signal));
      all.push(...page.changes);
      startAt += page.seen;
      if (page.last) return all.sort(byTime);
      if (page.seen === 0) break;
    }
    return undefined;
  }

  close(): void {
    this.transport.close();
  }

  private async pages<T extends { id: string }>(
    jql: string,
    { signal, edited = [] }: SearchOptions,
    how: {
      fields: string[];
      properties: string[];
      maxResults: number;
      parse: (raw: unknown) => T | undefined;
      onPage?: (items: T[]) => void;
    },
  ): Promise<SearchResult<T>> {
    const { parse, onPage, maxResults: most, ...query } = how;
    // By id: pages shift while they are read, and the newest reading of an issue is the one that counts.
    const found = new Map<string, T>();
    const tokens = new Set<string>();
    let skipped = 0;
    let after: string | undefined;
    let maxResults = most;
    do {
      const page: SizedPage = await this.page(
        { jql, ...query, maxResults, after, reconcileIssues: edited.slice(-50) },
        signal,
      );
      maxResults = Math.min(most, page.maxResults * 4);
      const items = page.issues.flatMap((raw) => parse(raw) ?? []);
      skipped += page.issues.length - items.length;
      for (const item of items) found.set(item.id, item);
      onPage?.(items);
      after = page.next;
      if (after !== undefined && tokens.has(after)) {
        this.log.warn('Jira: the search handed out the same page twice; reading stops there.');
        break;
      }
      if (after !== undefined) tokens.add(after);
    } while (after !== undefined && found.size < mostIssues);
    if (skipped > 0) this.log.warn(`Jira: ${skipped} issues could not be read.`);
    // Not an empty list: nothing may leave the tree because we cannot read it.
    if (skipped > 0 && found.size === 0)
      throw new UserError(
        'Jira’s issues have a shape that this version does not know.',
        'Update Task Sessions, or report it with the log.',
      );
    return { items: [...found.values()], skipped, truncated: after !== undefined };
  }

  /** One page; where that is more than we take, because of issues with long threads, fewer issues of it. */
  private async page(query: PageQuery, signal?: AbortSignal): Promise<SizedPage> {
    const { maxResults } = query;
    try {
      return { ...(await this.dialect.searchPage(query, signal)), maxResults };
    } catch (error) {
      if (!(error instanceof JiraError) || error.kind !== 'tooLarge' || maxResults === 1) throw error;
      return this.page({ ...query, maxResults: Math.max(1, Math.floor(maxResults / 4)) }, signal);
    }
  }

  /** Comments from the first on; `first` is a page that came with the issue, used where it holds them all. */
  private async allComments(
    key: string,
    first: CommentPage | undefined,
    signal?: AbortSignal,
  ): Promise<WholeThread> {
    if (first && first.seen >= first.total) return { ...first, read: first.seen };
    const comments = new Map<string, IssueComment>();
    let read = 0;
    let total = 0;
    do {
      const page = parseComments(await this.dialect.commentPage(key, read, signal));
      for (const comment of page.comments) comments.set(comment.id, comment);
      total = page.total;
      read += page.seen;
      if (page.seen === 0) break;
    } while (read < total && read < mostComments);
    return { comments: inOrder([...comments.values()]), read, total };
  }
}
