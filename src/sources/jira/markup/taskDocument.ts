import type { IssueComment, IssueDetail } from '../../../model/task/issue';
import { escapeInline, link, safeLink } from '../../../util/markdownText';
import { markupMarkdown } from '../../markup/markdown';
import { readMarkup } from './read';

/** The read-only document of a task: title, fields, description and comments, newest last. Times in UTC. */
export function taskMarkdown(detail: IssueDetail): string {
  const description = markupMarkdown(readMarkup(detail.description), 2);
  const comments = detail.comments.toSorted((a, b) => a.created - b.created);
  return [
    `# ${linked(detail.key, detail.url)} ${escapeInline(detail.summary).trim()}`.trim(),
    fieldTable(detail),
    '## Description',
    description === '' ? '_No description._' : description,
    `## Comments (${comments.length})`,
    ...(comments.length === 0 ? ['_No comments._'] : comments.map(commentMarkdown)),
  ]
    .join('\n\n')
    .concat('\n');
}

function linked(text: string, url: string): string {
  const href = safeLink(url);
  return href === undefined ? escapeInline(text) : link(escapeInline(text), href);
}

function fieldTable(detail: IssueDetail): string {
  const rows: [string, string | undefined][] = [
    ['Status', detail.status],
    ['Priority', detail.priority],
    ['Type', detail.issueType],
    ['Assignee', detail.assignee],
    ['Reporter', detail.reporter],
    ['Labels', detail.labels.join(', ')],
    ['Created', timeText(detail.created)],
    ['Updated', timeText(detail.updated)],
  ];
  const lines = rows
    .filter(([, value]) => value)
    .map(([name, value]) => `| ${name} | ${escapeInline(value ?? '')} |`);
  return ['| Field | Value |', '| --- | --- |', ...lines].join('\n');
}

function commentMarkdown(comment: IssueComment): string {
  const title = `### ${escapeInline(comment.author.name).trim()}, ${timeText(comment.created)}${editedText(comment)}`;
  const body = markupMarkdown(readMarkup(comment.body), 3);
  return body === '' ? title : `${title}\n\n${body}`;
}

function editedText({ author, updateAuthor, created, updated }: IssueComment): string {
  if (updated <= created && author.id === updateAuthor.id) return '';
  const by = author.id === updateAuthor.id ? '' : ` by ${escapeInline(updateAuthor.name).trim()}`;
  return ` (edited ${timeText(updated)}${by})`;
}

/** `2026-11-20 09:15 UTC`. */
function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? 'unknown'
    : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
