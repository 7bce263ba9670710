import type { Client } from 'jira.js/core';
import type { Call, Transport } from '../transport';
import type * as Functions from './cloudFunctions.mjs';
import { commentsPerPage, remoteLinkBody } from './dialect';
import type {
  CommentBody,
  CommentUpdate,
  Dialect,
  PageQuery,
  RawPage,
  RemoteLink,
  TransitionRequest,
} from './dialect';

/** Jira Cloud, REST v3: jira.js's typed functions over our transport. */
export class CloudDialect implements Dialect {
  readonly format = 'adf';

  constructor(private readonly transport: Transport) {}

  async searchPage(query: PageQuery, signal?: AbortSignal): Promise<RawPage> {
    const { after, reconcileIssues = [], properties, ...rest } = query;
    const page = await this.run({ signal, idempotent: true }, (jira, client) =>
      jira.searchAndReconsileIssuesUsingJqlPost(client, {
        ...rest,
        ...(properties.length > 0 ? { properties } : {}),
        ...(after ? { nextPageToken: after } : {}),
        ...(reconcileIssues.length > 0 ? { reconcileIssues: reconcileIssues.map(Number) } : {}),
      }),
    );
    const next = page.isLast === true ? undefined : page.nextPageToken;
    return { issues: page.issues ?? [], ...(next ? { next } : {}) };
  }

  issue(issueIdOrKey: string, fields: string[], signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) => jira.getIssue(client, { issueIdOrKey, fields }));
  }

  commentPage(issueIdOrKey: string, startAt: number, signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) =>
      jira.getComments(client, { issueIdOrKey, startAt, maxResults: commentsPerPage, orderBy: 'created' }),
    );
  }

  addComment(issueIdOrKey: string, body: CommentBody, signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) => jira.addComment(client, { issueIdOrKey, body }));
  }

  updateComment(
    issueIdOrKey: string,
    id: string,
    { body, visibility }: CommentUpdate,
    signal?: AbortSignal,
  ): Promise<unknown> {
    // As Jira gave it, whatever it is.
    const restriction = visibility && { visibility: visibility as { value?: string } };
    return this.run({ signal }, (jira, client) =>
      jira.updateComment(client, { issueIdOrKey, id, body: { body, ...restriction } }),
    );
  }

  async deleteComment(issueIdOrKey: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.run({ signal }, (jira, client) => jira.deleteComment(client, { issueIdOrKey, id }));
  }

  async property(issueIdOrKey: string, name: string, signal?: AbortSignal): Promise<unknown> {
    const propertyKey = encodeURIComponent(name);
    const property = await this.run({ signal }, (jira, client) =>
      jira.getIssueProperty(client, { issueIdOrKey, propertyKey }),
    );
    return property.value;
  }

  async setProperty(issueIdOrKey: string, name: string, value: unknown, signal?: AbortSignal): Promise<void> {
    const propertyKey = encodeURIComponent(name);
    await this.run({ signal, idempotent: true }, (jira, client) =>
      // Any JSON will do; the library's type knows objects only.
      jira.setIssueProperty(client, { issueIdOrKey, propertyKey, body: value as Record<string, unknown> }),
    );
  }

  transitions(issueIdOrKey: string, signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) =>
      jira.getTransitions(client, { issueIdOrKey, expand: 'transitions.fields' }),
    );
  }

  async transition(issueIdOrKey: string, request: TransitionRequest, signal?: AbortSignal): Promise<void> {
    const { transitionId: id, properties, fields } = request;
    await this.run({ signal }, (jira, client) =>
      jira.doTransition(client, {
        issueIdOrKey,
        transition: { id },
        ...(fields && { fields }),
        ...(properties && { properties }),
      }),
    );
  }

  async setRemoteLink(issueIdOrKey: string, link: RemoteLink, signal?: AbortSignal): Promise<void> {
    await this.run({ signal, idempotent: true }, (jira, client) =>
      jira.createOrUpdateRemoteIssueLink(client, { issueIdOrKey, ...remoteLinkBody(link) }),
    );
  }

  projectStatuses(projectIdOrKey: string, signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) => jira.getAllStatuses(client, { projectIdOrKey }));
  }

  assignableUsers(project: string, query: string, signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) =>
      jira.findAssignableUsers(client, { project, query, maxResults: 50 }),
    );
  }

  changelogPage(issueIdOrKey: string, startAt: number, signal?: AbortSignal): Promise<unknown> {
    return this.run({ signal }, (jira, client) =>
      jira.getChangeLogs(client, { issueIdOrKey, startAt, maxResults: 100 }),
    );
  }

  /** The one place that loads jira.js: half a megabyte that activation need not wait for. */
  private async run<T>(call: Call, use: (jira: typeof Functions, client: Client) => Promise<T>): Promise<T> {
    return use(await import('./cloudFunctions.mjs'), this.transport.client(call));
  }
}
