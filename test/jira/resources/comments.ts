import type { Comment, Issue, Visibility } from '../entities';
import { actor, bodyFrom, issueOf, must, visibleIssue } from '../rest/access';
import {
  asObject,
  badPayload,
  done,
  listOf,
  numberOf,
  ok,
  payload,
  refuse,
  type Call,
  type Route,
} from '../rest/answer';
import { commentView } from '../rest/views';

/** Jira's own cap on comments of one issue. */
const MOST_COMMENTS = 5000;

export const commentRoutes: Route[] = [
  { method: 'GET', path: '/issue/:key/comment', handle: list },
  { method: 'POST', path: '/issue/:key/comment', handle: add },
  { method: 'GET', path: '/issue/:key/comment/:id', handle: (call) => ok(view(call, ...commentOf(call))) },
  { method: 'PUT', path: '/issue/:key/comment/:id', handle: edit },
  { method: 'DELETE', path: '/issue/:key/comment/:id', handle: remove },
];

/** Cloud only: the one way to read properties of comments in bulk. */
export const commentListRoute: Route = { method: 'POST', path: '/comment/list', reads: true, handle: byIds };

function list(call: Call) {
  const issue = issueOf(call);
  const newestFirst = call.query.get('orderBy')?.startsWith('-') ?? false;
  const all = newestFirst ? [...issue.comments].reverse() : issue.comments;
  const startAt = Math.max(0, numberOf(call, 'startAt', 0));
  const cap = call.settings.commentPageCap;
  const maxResults = Math.min(Math.max(0, numberOf(call, 'maxResults', call.cloud ? 100 : cap)), cap);
  const comments = all.slice(startAt, startAt + maxResults).map((comment) => view(call, issue, comment));
  return ok({ startAt, maxResults, total: all.length, comments });
}

function add(call: Call) {
  const issue = issueOf(call);
  must(call, 'comment', issue, 400, 'You do not have the permission to comment on this issue.');
  const given = payload(call);
  const comment = addComment(call, issue, given);
  return { status: 201, body: view(call, issue, comment) };
}

/** Adds what a request describes; also used by transitions that carry a comment. */
export function addComment(call: Call, issue: Issue, given: Record<string, unknown>): Comment {
  const body = bodyFrom(call, given['body'], 'comment');
  if (issue.comments.length >= MOST_COMMENTS) {
    throw refuse(413, 'The number of comments on this issue has reached its limit.');
  }
  const visibility = visibilityFrom(given['visibility']);
  return call.state.addComment(issue.key, {
    author: actor(call),
    body,
    ...(visibility ? { visibility } : {}),
    properties: propertiesFrom(given['properties']),
  });
}

function edit(call: Call) {
  const [issue, comment] = commentOf(call);
  must(call, 'comment', issue, 400, 'You do not have the permission to comment on this issue.');
  if (comment.author !== call.user) {
    must(
      call,
      'editAllComments',
      issue,
      400,
      `You do not have the permission to edit comment ${comment.id}.`,
    );
  }
  const given = payload(call);
  const body = bodyFrom(call, given['body'], 'comment');
  const edited = call.state.editComment(issue.key, comment.id, actor(call), body);
  // The stricter reading of what is not documented: a restriction that is not given again is gone.
  const visibility = visibilityFrom(given['visibility']);
  if (visibility) edited.visibility = visibility;
  else delete edited.visibility;
  for (const [key, value] of Object.entries(propertiesFrom(given['properties'])))
    edited.properties.set(key, value);
  return ok(view(call, issue, edited));
}

function remove(call: Call) {
  const [issue, comment] = commentOf(call);
  if (comment.author !== call.user) {
    must(
      call,
      'editAllComments',
      issue,
      400,
      `You do not have the permission to delete comment ${comment.id}.`,
    );
  }
  call.state.deleteComment(issue.key, comment.id);
  return done;
}

function byIds(call: Call) {
  const given = payload(call);
  if (!Array.isArray(given['ids']) || !given['ids'].every((id) => Number.isInteger(id))) throw badPayload();
  if (given['ids'].length > 1000) throw refuse(400, 'The maximum number of comment ids is 1000.');
  const wanted = new Set(given['ids'].map(String));
  const withProperties = listOf(call, 'expand')?.includes('properties') ?? false;
  const values = call.state.issues.flatMap((issue) =>
    visibleIssue(call, issue.id)
      ? issue.comments
          .filter(({ id }) => wanted.has(id))
          .map((comment) => ({
            ...view(call, issue, comment),
            ...(withProperties
              ? { properties: [...comment.properties].map(([key, value]) => ({ key, value })) }
              : {}),
          }))
      : [],
  );
  return ok({ maxResults: 1000, startAt: 0, total: values.length, isLast: true, values });
}

function commentOf(call: Call): [Issue, Comment] {
  const issue = issueOf(call);
  const id = call.params[1] ?? '';
  const comment = issue.comments.find((comment) => comment.id === id);
  if (!comment) throw refuse(404, `Can not find a comment for the id: ${id}.`);
  return [issue, comment];
}

const view = (call: Call, issue: Issue, comment: Comment) => commentView(call, issue, comment);

function visibilityFrom(value: unknown): Visibility | undefined {
  if (value === undefined || value === null) return undefined;
  const { type, value: name, identifier } = asObject(value);
  const known = type === 'role' || type === 'group' ? type : undefined;
  const named = typeof name === 'string' ? name : identifier;
  if (!known || typeof named !== 'string') throw refuse(400, 'The comment visibility is not valid.');
  return { type: known, value: named, ...(typeof identifier === 'string' ? { identifier } : {}) };
}

/** `[{key, value}]` of a request as a record. */
export function propertiesFrom(value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  if (!Array.isArray(value)) throw badPayload();
  return Object.fromEntries(
    value.map((entry): [string, unknown] => {
      const { key, value } = asObject(entry);
      if (typeof key !== 'string' || value === undefined) throw badPayload();
      checkProperty(key, value);
      return [key, value];
    }),
  );
}

/** A property's key has at most 255, its value at most 32,768 characters. */
export function checkProperty(key: string, value: unknown): void {
  if (key.length > 255) {
    throw refuse(400, 'The property key cannot be longer than 255 characters.');
  }
  if (JSON.stringify(value).length > 32_768) {
    throw refuse(400, 'The property value is too long. The maximum length is 32768 characters.');
  }
}
