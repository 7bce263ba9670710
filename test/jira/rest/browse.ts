import { jiraDate } from '../time';
import type { JiraState } from '../state';
import type { Answer } from './answer';
import { rendered } from './views';

/** The page behind *Open in Jira*: the issue as a person reads it. */
export function browsePage(state: JiraState, key: string): Answer {
  const issue = state.findIssue(key);
  if (!issue) return html(404, 'Not found', '<h1>This issue does not exist</h1>');
  const comments = issue.comments.map(
    ({ author, created, body }) =>
      `<article><h3>${escape(author.displayName)} <small>${jiraDate(created, 'Etc/UTC')}</small></h3>${rendered(body)}</article>`,
  );
  const facts = [
    issue.status.name,
    issue.priority ?? 'No priority',
    issue.assignee?.displayName ?? 'Unassigned',
  ];
  return html(
    200,
    `${issue.key} ${issue.summary}`,
    `<p>${escape(issue.project.name)} / ${issue.key}</p><h1>${escape(issue.summary)}</h1>
<p>${facts.map((fact) => `<b>${escape(fact)}</b>`).join(' · ')}</p>${rendered(issue.description)}<h2>Comments</h2>${comments.join('')}`,
  );
}

function html(status: number, title: string, body: string): Answer {
  const style =
    'body{font:15px system-ui;max-width:52rem;margin:2rem auto;color:#172b4d}small{color:#6b778c}';
  return {
    status,
    contentType: 'text/html;charset=UTF-8',
    body: `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style></head><body>${body}</body></html>`,
  };
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
