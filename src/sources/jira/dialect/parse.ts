import { z } from 'zod';
import type {
  Issue,
  IssueAttachment,
  IssueComment,
  IssueDetail,
  RecordIndex,
} from '../../../model/task/issue';
import { isIssueKey } from '../../../model/names';
import type { StatusCategory } from '../../../model/task/task';
import { recordIndexKey } from '../../../model/record/issueIndex';
import type { Person, RecordClaim } from '../../../model/record/record';
import { displayText } from '../../../util/displayText';

/** How the text of comments and the index property are read. */
export interface RecordReader {
  claimsOf(comment: IssueComment, issueKey: string): RecordClaim[];
  indexOf(value: unknown): RecordIndex | undefined;
}

export const searchFields = [
  'summary',
  'status',
  'priority',
  'issuetype',
  'assignee',
  'created',
  'updated',
  'comment',
];
export const detailFields = [...searchFields, 'reporter', 'labels', 'description', 'attachment'];

/** `2026-08-24T10:50:03.000+0000`, or the Date that jira.js makes of it in comments; epoch ms. */
const time = z.union([z.string(), z.date()]).transform((value, context) => {
  const at =
    value instanceof Date ? value.getTime() : Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (Number.isNaN(at)) context.addIssue({ code: 'custom', message: 'not a time' });
  return at;
});

const name = z.string().transform(displayText);
const named = z.looseObject({ name }).nullish().catch(undefined);

const person = z
  .looseObject({
    accountId: z.string().optional(),
    key: z.string().optional(),
    name: z.string().optional(),
    displayName: z.string().optional(),
    accountType: z.string().optional().catch(undefined),
  })
  .transform((user): Person => {
    const id = user.accountId ?? user.key ?? user.name ?? '';
    const name = displayText(user.displayName ?? user.name ?? id);
    const isApp = user.accountType === 'app' && ({ isApp: true } as const);
    // Cloud calls every account by this that is gone or spoilt.
    return { id: id === 'unknown' ? '' : id, name, ...isApp };
  });

// Jira leaves the author out where the account is gone; an empty id is nobody's.
const nobody: Person = { id: '', name: 'unknown' };

const comment = z
  .looseObject({
    id: z.string().regex(/^\d+$/),
    author: person.nullish().catch(undefined),
    updateAuthor: person.nullish().catch(undefined),
    created: time,
    updated: time.optional().catch(undefined),
    body: z.unknown().optional(),
    visibility: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  })
  .transform(({ id, author, updateAuthor, created, updated, body, visibility }): IssueComment => ({
    id,
    author: author ?? nobody,
    updateAuthor: updateAuthor ?? author ?? nobody,
    created,
    updated: updated ?? created,
    body,
    ...(visibility && { visibility }),
  }));

const comments = z.looseObject({
  comments: z.array(z.unknown()).catch([]),
  total: z.number().int().nonnegative().optional().catch(undefined),
});

const status = z.looseObject({
  name,
  statusCategory: z
    .looseObject({ key: z.enum(['new', 'indeterminate', 'done']).catch('new') })
    .optional()
    .catch(undefined),
});

const attachment = z
  .looseObject({
    filename: name,
    mimeType: name.optional().catch(undefined),
    size: z.number().int().nonnegative().optional().catch(undefined),
  })
  .transform(({ filename, mimeType, size }): IssueAttachment => ({
    name: filename,
    ...(mimeType ? { type: mimeType } : {}),
    ...(size === undefined ? {} : { size }),
  }));

const issueFields = z.looseObject({
  summary: name.catch(''),
  status,
  priority: named,
  issuetype: named,
  assignee: person.nullish().catch(undefined),
  reporter: person.nullish().catch(undefined),
  labels: z.array(name).catch([]),
  created: time,
  updated: time,
  description: z.unknown().optional(),
  comment: comments.optional().catch(undefined),
  attachment: z.array(z.unknown()).optional().catch(undefined),
});

const issue = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/),
  key: z.string().refine(isIssueKey),
  fields: issueFields,
  properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const idOnly = z.looseObject({ id: z.string().regex(/^\d{1,20}$/) });

/** Reads one issue of a search page; undefined for a shape that we do not know. */
export function parseIssue(raw: unknown, baseUrl: string, reader: RecordReader): Issue | undefined {
  const parsed = issue.safeParse(raw);
  if (!parsed.success) return undefined;
  const { id, key, fields, properties } = parsed.data;
  const read = parseComments(fields.comment);
  const index = properties?.[recordIndexKey];
  const known = index === undefined ? undefined : reader.indexOf(index);
  return {
    id,
    key,
    ...shared(fields, key, baseUrl),
    statusCategory: fields.status.statusCategory?.key ?? 'new',
    claims: claimsOf(read.comments, key, reader),
    comments: { total: read.total, read: read.seen },
    ...(known ? { index: known } : {}),
  };
}

/** Reads one issue in full, with its comments given apart. */
export function parseDetail(
  raw: unknown,
  baseUrl: string,
): Omit<IssueDetail, 'comments'> & { page: CommentPage | undefined } {
  const { key, fields } = issue.parse(raw);
  return {
    key,
    ...shared(fields, key, baseUrl),
    ...(fields.reporter ? { reporter: fields.reporter.name } : {}),
    labels: fields.labels,
    description: fields.description,
    attachments: (fields.attachment ?? []).flatMap((entry) => attachment.safeParse(entry).data ?? []),
    // Without the field nothing is known of the comments; they are asked for apart.
    page: fields.comment && parseComments(fields.comment),
  };
}

function shared(fields: z.infer<typeof issueFields>, key: string, baseUrl: string) {
  return {
    summary: fields.summary,
    status: fields.status.name,
    ...(fields.priority ? { priority: fields.priority.name } : {}),
    ...(fields.issuetype ? { issueType: fields.issuetype.name } : {}),
    ...(fields.assignee ? { assignee: fields.assignee.name } : {}),
    url: `${baseUrl}/browse/${key}`,
    created: fields.created,
    updated: fields.updated,
  };
}

const issueName = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/),
  key: z.string().refine(isIssueKey),
  fields: z.looseObject({ summary: name.catch('') }),
});

/** What an issue is called; throws for a shape that we do not know. */
export function parseIssueName(raw: unknown): IssueName {
  const { id, key, fields } = issueName.parse(raw);
  return { id, key, summary: fields.summary };
}

/** An issue by its name only. `key` is today's, where it has moved between projects. */
export interface IssueName {
  id: string;
  key: string;
  summary: string;
}

/** How an issue stands. `key` is today's, where it has moved between projects. */
export interface IssueStatus {
  id: string;
  key: string;
  status: string;
  category: StatusCategory;
}

const issueStatus = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/),
  key: z.string().refine(isIssueKey),
  fields: z.looseObject({ status }),
});

/** How an issue stands; throws for a shape that we do not know. */
export function parseIssueStatus(raw: unknown): IssueStatus {
  const { id, key, fields } = issueStatus.parse(raw);
  return { id, key, status: fields.status.name, category: fields.status.statusCategory?.key ?? 'new' };
}

/** The id of an issue, from a search for ids. */
export const parseId = (raw: unknown): string | undefined => idOnly.safeParse(raw).data?.id;

export interface CommentPage {
  comments: IssueComment[];
  /** How many this page held, readable or not. */
  seen: number;
  /** How many the issue has. */
  total: number;
}

/** Reads a page of comments, whether it came with an issue or alone; one that cannot be read is left out. */
export function parseComments(raw: unknown): CommentPage {
  const page = comments.safeParse(raw).data;
  const list = page?.comments ?? [];
  return {
    comments: list.flatMap((entry) => comment.safeParse(entry).data ?? []),
    seen: list.length,
    total: Math.max(page?.total ?? 0, list.length),
  };
}

/** One comment as the answer to writing it. */
export const parseComment = (raw: unknown): IssueComment | undefined => comment.safeParse(raw).data;

/** Oldest first. */
export const inOrder = (list: readonly IssueComment[]): IssueComment[] =>
  list.toSorted((a, b) => byTime({ at: a.created, id: a.id }, { at: b.created, id: b.id }));

/** Every claim that these comments make, oldest first. */
export function claimsOf(list: readonly IssueComment[], key: string, reader: RecordReader): RecordClaim[] {
  return inOrder(list).flatMap((entry) => reader.claimsOf(entry, key));
}

export type StatusChange = NonNullable<Issue['transitions']>[number];

/** In the order in which they were made: many have the same time where Jira keeps whole seconds. */
export const byTime = (a: { at: number; id?: string }, b: { at: number; id?: string }): number =>
  a.at - b.at || Number(a.id ?? 0) - Number(b.id ?? 0);

const changelogPage = z.looseObject({ values: z.array(z.unknown()), isLast: z.boolean().optional() });
const history = z.looseObject({
  id: z.string().regex(/^\d+$/).catch('0'),
  author: person.nullish().catch(undefined),
  created: time,
  items: z.array(z.record(z.string(), z.unknown())),
});

const relocations = new Set(['project', 'Project', 'Key', 'Workflow', 'issuetype', 'Issue Type']);

/** The status changes of one page of the changelog, and how many entries the page held. */
export function parseChangelog(raw: unknown): {
  changes: StatusChange[];
  seen: number;
  last: boolean;
} {
  const page = changelogPage.safeParse(raw).data;
  const values = page?.values ?? [];
  const changes = values.flatMap((value) => {
    const entry = history.safeParse(value).data;
    // With a move to another project or type Jira lets its mover choose the status: that is no transition.
    const isRelocated = (entry?.items ?? []).some(({ field }) => relocations.has(String(field)));
    return (entry?.items ?? []).flatMap((item) => {
      // The name of the new status is called toString; where Jira leaves it out, that is Object's own function.
      const to = item['toString'];
      if (!entry || item['field'] !== 'status' || typeof to !== 'string') return [];
      // A field that somebody made and called “status” proves nothing: whoever edits the issue fills it.
      if ((item['fieldtype'] ?? 'jira') !== 'jira' || (item['fieldId'] ?? 'status') !== 'status') return [];
      const { id, created: at, author = nobody } = entry;
      return [{ id, author: author ?? nobody, to: displayText(to), at, ...(isRelocated && { isRelocated }) }];
    });
  });
  return { changes, seen: values.length, last: page?.isLast ?? true };
}
