import { z } from 'zod';
import type { Transport } from '../transport';
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

const page = z.looseObject({
  issues: z.array(z.unknown()).catch([]),
  startAt: z.number().int().nonnegative().catch(0),
  total: z.number().int().nonnegative().catch(0),
});
const histories = z.looseObject({
  changelog: z
    .looseObject({
      histories: z.array(z.unknown()).catch([]),
      total: z.number().optional().catch(undefined),
    })
    .optional(),
});
const property = z.looseObject({ value: z.unknown() });

const api = '/rest/api/2';

/** Longest JQL that goes into an address; servers and proxies refuse long ones. */
const longestInQuery = 4000;

/** Jira Data Center (and Server), REST v2, over the same transport. */
export class DataCenterDialect implements Dialect {
  readonly format = 'wiki';

  constructor(private readonly transport: Transport) {}

  async searchPage(query: PageQuery, signal?: AbortSignal): Promise<RawPage> {
    const { jql, fields, properties, maxResults, after } = query;
    const startAt = after ? Number(after) : 0;
    // Only the GET takes `properties`, and ignores it where unknown; the POST refuses what it does not know.
    const request =
      jql.length <= longestInQuery
        ? {
            url: `${api}/search`,
            searchParams: {
              jql,
              fields,
              startAt,
              maxResults,
              ...(properties.length > 0 ? { properties } : {}),
            },
          }
        : { url: `${api}/search`, method: 'POST' as const, body: { jql, fields, startAt, maxResults } };
    const answer = page.parse(await this.transport.send(request, { signal, idempotent: true }));
    const end = answer.startAt + answer.issues.length;
    const more = answer.issues.length > 0 && end < answer.total;
    return { issues: answer.issues, ...(more ? { next: String(end) } : {}) };
  }

  issue(key: string, fields: string[], signal?: AbortSignal): Promise<unknown> {
    return this.transport.send({ url: `${api}/issue/${key}`, searchParams: { fields } }, { signal });
  }

  commentPage(key: string, startAt: number, signal?: AbortSignal): Promise<unknown> {
    const searchParams = { startAt, maxResults: commentsPerPage, orderBy: 'created' };
    return this.transport.send({ url: `${api}/issue/${key}/comment`, searchParams }, { signal });
  }

  addComment(key: string, body: CommentBody, signal?: AbortSignal): Promise<unknown> {
    return this.transport.send(
      { url: `${api}/issue/${key}/comment`, method: 'POST', body: { body } },
      { signal },
    );
  }

  updateComment(key: string, id: string, update: CommentUpdate, signal?: AbortSignal): Promise<unknown> {
    const url = `${api}/issue/${key}/comment/${id}`;
    return this.transport.send({ url, method: 'PUT', body: update }, { signal });
  }

  async deleteComment(key: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.transport.send({ url: `${api}/issue/${key}/comment/${id}`, method: 'DELETE' }, { signal });
  }

  async property(key: string, name: string, signal?: AbortSignal): Promise<unknown> {
    const url = `${api}/issue/${key}/properties/${encodeURIComponent(name)}`;
    return property.parse(await this.transport.send({ url }, { signal })).value;
  }

  async setProperty(key: string, name: string, body: unknown, signal?: AbortSignal): Promise<void> {
    const url = `${api}/issue/${key}/properties/${encodeURIComponent(name)}`;
    await this.transport.send({ url, method: 'PUT', body }, { signal, idempotent: true });
  }

  transitions(key: string, signal?: AbortSignal): Promise<unknown> {
    const searchParams = { expand: 'transitions.fields' };
    return this.transport.send({ url: `${api}/issue/${key}/transitions`, searchParams }, { signal });
  }

  async transition(key: string, request: TransitionRequest, signal?: AbortSignal): Promise<void> {
    const { transitionId: id, properties, fields } = request;
    const body = { transition: { id }, ...(fields && { fields }), ...(properties && { properties }) };
    await this.transport.send({ url: `${api}/issue/${key}/transitions`, method: 'POST', body }, { signal });
  }

  async setRemoteLink(key: string, link: RemoteLink, signal?: AbortSignal): Promise<void> {
    const request = {
      url: `${api}/issue/${key}/remotelink`,
      method: 'POST' as const,
      body: remoteLinkBody(link),
    };
    await this.transport.send(request, { signal, idempotent: true });
  }

  projectStatuses(project: string, signal?: AbortSignal): Promise<unknown> {
    return this.transport.send({ url: `${api}/project/${project}/statuses` }, { signal });
  }

  assignableUsers(project: string, username: string, signal?: AbortSignal): Promise<unknown> {
    const searchParams = { project, username, maxResults: 50 };
    return this.transport.send({ url: `${api}/user/assignable/search`, searchParams }, { signal });
  }

  async changelogPage(key: string, startAt: number, signal?: AbortSignal): Promise<unknown> {
    // All of it comes with the issue; there are no pages of it here.
    const searchParams = { fields: 'status', expand: 'changelog' };
    const issue = histories.parse(
      await this.transport.send({ url: `${api}/issue/${key}`, searchParams }, { signal }),
    );
    const values = issue.changelog?.histories ?? [];
    const { total = values.length } = issue.changelog ?? {};
    return { values: values.slice(startAt), startAt, total, isLast: total <= values.length };
  }
}
