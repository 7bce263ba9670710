import { stateText } from '../../model/describe';
import { shortId } from '../../model/names';
import { ownerOf } from '../../model/record/merge';
import type { Session } from '../../model/session/session';
import type { Check } from './check';
import type { Looked } from './explain';
import { entryText } from './explainSession';

/** Whether a task is listed, and which sessions it has by which evidence. */
export function explainTask(key: string, looked: Looked): Check[] {
  const { snapshot } = looked;
  const task = snapshot.tasks.find((one) => one.key === key);
  const sessions = task?.sessions ?? snapshot.sessions.filter((one) => one.key === key);
  const bound = sessions.filter(({ evidence }) => evidence !== 'candidate');
  const candidates = sessions.filter(({ evidence }) => evidence === 'candidate');
  const line = ({ id, host, reason, score }: Session): string =>
    `${shortId(id)} on ${host} (${[reason, score].filter((part) => part !== undefined).join(', ')})`;
  return [
    isListed(key, looked),
    ...(task ? [branchOf(task)] : []),
    bound.length > 0
      ? {
          check: 'sessions',
          ok: true,
          detail: bound.map((session) => `${line(session)}, ${stateText(session)}`).join('; '),
        }
      : {
          check: 'sessions',
          ok: false,
          detail: 'none is bound to it',
          fix: `Look at task-sessions sessions --unlinked, and link one: task-sessions link SESSION ${key}.`,
        },
    ...(candidates.length > 0
      ? [{ check: 'candidates', ok: true, detail: candidates.map(line).join('; ') }]
      : []),
    { check: 'records', ok: true, detail: recordsOn(key, looked) },
    { check: 'ledger', ok: true, detail: inLedger(key, looked) },
    ...snapshot.hosts
      .filter(({ error }) => error !== undefined)
      .map(({ name, error, next }): Check => ({
        check: name,
        ok: false,
        detail: error ?? '',
        ...(next !== undefined && { fix: next }),
      })),
  ];
}

function isListed(key: string, { snapshot: { jira, tasks } }: Looked): Check {
  const task = tasks.find((one) => one.key === key);
  if (task)
    return { check: key, ok: true, detail: `listed: ${task.summary} (${task.status}, ${task.phase})` };
  if (!jira.signedIn)
    return { check: key, ok: false, detail: 'not listed: not signed in', fix: 'Sign in to Jira.' };
  if (jira.error !== undefined)
    return {
      check: key,
      ok: false,
      detail: `not listed: ${jira.error}`,
      ...(jira.next !== undefined && { fix: jira.next }),
    };
  return { check: key, ok: false, detail: 'not listed: jira.jql does not match it', fix: 'Widen jira.jql.' };
}

function branchOf({
  branch,
  branchError,
  checkout,
  docs,
  docsExpected,
}: Looked['snapshot']['tasks'][number]): Check {
  if (branchError !== undefined) return { check: 'branch', ok: false, detail: branchError };
  if (!checkout)
    return { check: 'branch', ok: true, detail: `${branch ?? 'no name'}: not in the repository` };
  return {
    check: 'branch',
    ok: true,
    detail: `${checkout.name} in ${checkout.directory} on ${checkout.host}, ${docs.length} of ${docsExpected} documents`,
  };
}

function recordsOn(key: string, { claims }: Looked): string {
  const mine = claims.filter(({ issueKey }) => issueKey === key);
  if (mine.length === 0) return 'none on the issue that can be read as one';
  return mine
    .map(({ title, author, sessionId }) => {
      if (sessionId === undefined) return `${title} by ${author.name}, without a session id`;
      const owner = ownerOf(sessionId, claims);
      const later = owner === key || owner === undefined ? '' : `, which ${owner} claimed earlier`;
      return `${title} by ${author.name} for ${shortId(sessionId)}${later}`;
    })
    .join('; ');
}

function inLedger(key: string, { ledger }: Looked): string {
  const entries = ledger.entries.filter((one) => one.key === key || one.rejected?.includes(key));
  const worktrees = ledger.worktrees.filter((one) => one.key === key);
  const lines = [
    ...entries.map((entry) => `${shortId(entry.sessionId)} ${entryText(entry)}`),
    ...worktrees.map(({ directory, host }) => `worktree ${directory} on ${host}`),
  ];
  return lines.length > 0 ? lines.join('; ') : 'nothing';
}
