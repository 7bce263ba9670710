import { sizeText } from '../../model/size';
import type { IssueAttachment, IssueComment, IssueDetail } from '../../model/task/issue';
import { claimsOf } from '../../sources/jira/comments';
import { markupLines } from '../../sources/jira/markup/lines';
import { readMarkup } from '../../sources/jira/markup/read';
import { isRecordLine } from '../../sources/jira/records/block';
import { markupMarkdown } from '../../sources/markup/markdown';
import type { MarkupNode } from '../../sources/markup/node';
import { oneLine } from '../../util/markdownText';
import { bounded, harmless } from './fence';

/** Bytes of UTF-8. */
const limits = {
  facts: 2 << 10,
  description: 60 << 10,
  comments: 40 << 10,
  comment: 10 << 10,
  attachments: 4 << 10,
};
const maxAttachments = 50;

/**
 * The issue as text for a prompt, at most some 107 KB: facts, description, names of attachments, and what people said,
 * newest last. Our records are left out, and what not everybody may read: documents are for all who see the branch.
 */
export function issueText(issue: IssueDetail): string {
  const description = harmless(markupMarkdown(readMarkup(issue.description), 2));
  return [
    bounded(facts(issue), limits.facts),
    `## Description\n\n${bounded(description, limits.description) || 'None.'}`,
    attachments(issue.attachments ?? []),
    comments(issue),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function facts(issue: IssueDetail): string {
  const rows: [string, string | undefined][] = [
    ['Type', issue.issueType],
    ['Status', issue.status],
    ['Priority', issue.priority],
    ['Reporter', issue.reporter],
    ['Assignee', issue.assignee],
    ['Labels', issue.labels.join(', ')],
    ['Created', dayText(issue.created)],
  ];
  const lines = rows.filter(([, value]) => value).map(([name, value]) => `${name}: ${line(value ?? '')}`);
  return [`# ${issue.key}: ${line(issue.summary)}`, '', ...lines].join('\n');
}

function attachments(list: readonly IssueAttachment[]): string {
  if (list.length === 0) return '';
  const lines = list.slice(0, maxAttachments).map(({ name, type, size }) => {
    const about = [type, size === undefined ? undefined : sizeText(size)].filter(Boolean).join(', ');
    return line(`- ${name}${about && ` (${about})`}`);
  });
  const more = list.length - lines.length;
  if (more > 0) lines.push(`[${more} more.]`);
  return `## Attachments, by name only\n\n${bounded(lines.join('\n'), limits.attachments)}`;
}

/** The newest that there is room for, oldest of them first. */
function comments({ key, comments }: IssueDetail): string {
  const open = comments.filter(({ visibility }) => visibility === undefined);
  const newestFirst = open.toSorted((a, b) => a.created - b.created).reverse();
  const texts: string[] = [];
  let room = limits.comments;
  for (const [at, comment] of newestFirst.entries()) {
    const text = commentText(comment, key);
    room -= Buffer.byteLength(text);
    if (room < 0) {
      texts.push(`[Older comments are left out: ${open.length - at}.]`);
      break;
    }
    if (text !== '') texts.push(text);
  }
  const hidden = comments.length - open.length;
  if (hidden > 0) texts.push(`[Comments that not everybody may read are left out: ${hidden}.]`);
  return texts.length === 0 ? '' : ['## Comments, newest last', ...texts.reverse()].join('\n\n');
}

/** Empty where nothing but records of ours is in it. */
function commentText(comment: IssueComment, key: string): string {
  const body = harmless(markupMarkdown(withoutRecords(comment, key), 3)).trim();
  if (body === '') return '';
  const title = `### ${line(comment.author.name)}, ${dayText(comment.created)}`;
  return `${title}\n\n${bounded(body, limits.comment)}`;
}

/** The blocks in which somebody says more than a record. */
function withoutRecords(comment: IssueComment, key: string): MarkupNode {
  const document = readMarkup(comment.body);
  const records = claimsOf(comment, key).map((claim) => ({ ...claim, sessionId: claim.sessionId ?? '' }));
  if (records.length === 0) return document;
  const content = (document.content ?? []).filter((node) =>
    markupLines({ type: 'doc', content: [node] }).some(
      (line) => !records.some((record) => isRecordLine(line, record)),
    ),
  );
  return { ...document, content };
}

const line = (text: string): string => harmless(oneLine(text));

/** `2026-11-20`. */
function dayText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 10);
}
