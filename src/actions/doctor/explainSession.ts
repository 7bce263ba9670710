import { stateText } from '../../model/describe';
import type { LedgerEntry } from '../../model/binding/ledger';
import { shortId } from '../../model/names';
import { ownerOf } from '../../model/record/merge';
import { transcriptsOf } from '../../model/session/liveness';
import type { HostReport } from '../../model/session/transcript';
import { sizeText } from '../../model/size';
import type { Check } from './check';
import type { Looked } from './explain';
import { staleWords } from './hosts';

/** What each place knows of one session, and what came of it. */
export function explainSession(id: string, looked: Looked): Check[] {
  return [
    shown(id, looked),
    ...looked.snapshot.hosts.map(({ name, error, next }): Check => {
      const report = looked.reports.find(({ host }) => host === name);
      const found = report ? onHost(id, report) : [];
      const detail = found.length > 0 ? found.join('; ') : 'no transcript, process, log or prompt of it';
      if (error === undefined && report) return { check: name, ok: true, detail };
      const before = found.length > 0 ? `; before it had ${detail}` : '';
      return {
        check: name,
        ok: false,
        detail: `${error ?? 'not asked'}${before}`,
        ...(next !== undefined && { fix: next }),
      };
    }),
    { check: 'ledger', ok: true, detail: inLedger(id, looked) },
    { check: 'records', ok: true, detail: inRecords(id, looked) },
  ];
}

function shown(id: string, { snapshot, reports }: Looked): Check {
  const check = `session ${shortId(id)}`;
  const known = snapshot.sessions.filter((one) => one.id === id);
  const silent = snapshot.hosts.filter(({ name, error }) => error !== undefined || !hasReport(name, reports));
  if (known.length === 0)
    return {
      check,
      ok: false,
      detail: `not shown: ${silent.length > 0 ? 'no host that answers knows it' : 'no host knows it'}`,
      fix:
        silent.length > 0
          ? `It may be on ${silent.map(({ name }) => name).join(', ')}: see below.`
          : 'Its transcript was deleted, lies in another account or Claude directory, or the id is mistyped.',
    };
  const candidates = snapshot.tasks.flatMap(({ key, sessions }) =>
    sessions.flatMap(({ id: one, evidence, reason }) =>
      one === id && evidence === 'candidate' ? [`${key} (${reason ?? 'no reason'})`] : [],
    ),
  );
  const places = known.map((session) => {
    const task =
      session.key === undefined
        ? 'linked to no task'
        : `${listed(session.key, snapshot.tasks)} (${session.reason ?? session.evidence ?? 'no reason'})`;
    return `${task}, ${stateText(session)} on ${session.host || 'a host that is not recorded'}`;
  });
  return {
    check,
    ok: true,
    detail: [
      ...places,
      ...(candidates.length > 0 ? [`candidate of ${[...new Set(candidates)].join(', ')}`] : []),
    ].join('; '),
  };
}

const hasReport = (name: string, reports: readonly HostReport[]): boolean =>
  reports.some(({ host }) => host === name);

const listed = (key: string, tasks: readonly { key: string }[]): string =>
  tasks.some((task) => task.key === key)
    ? `shown under ${key}`
    : `linked to ${key}, which jira.jql does not list`;

function onHost(id: string, report: HostReport): string[] {
  const { live, stale, naming, panes, traces = [], kept = [], configDir } = report;
  const here = <T extends { sessionId?: string }>(all: readonly T[]): T[] =>
    all.filter(({ sessionId }) => sessionId === id);
  const transcripts = transcriptsOf(id, report);
  return [
    ...transcripts.map(
      ({ path, size, hasConversation, badLines }) =>
        `transcript ${configDir}/projects/${path.replace(/^\.\//, '')} (${[
          sizeText(size),
          ...(hasConversation ? [] : ['no conversation in it']),
          ...(badLines ? [`${badLines} lines cannot be read`] : []),
        ].join(', ')})`,
    ),
    ...(transcripts.length > 1 ? ['several of one id: Claude would take one by chance'] : []),
    ...here(live).map(
      ({ pid, pane }) => `alive as process ${pid}${pane ? ` in tmux ${pane.sessionName}` : ''}`,
    ),
    ...here(stale).map(({ pid, why }) => `registry file of process ${pid} means nothing: ${staleWords[why]}`),
    ...here(naming).map(({ pid, command }) => `process ${pid} (${command}) names it`),
    ...here(panes).map(({ sessionName, dead }) => `terminal ${sessionName}${dead ? ' (ended)' : ''}`),
    ...here(traces).map(({ source, path, outcome }) => {
      const what = { log: 'log of a run', history: 'prompt history', job: 'background job' }[source];
      return [what, path, outcome?.failed ? `failed: ${outcome.text ?? '?'}` : undefined]
        .filter(Boolean)
        .join(' ');
    }),
    ...here(kept).map(({ size }) => `copy kept (${sizeText(size)})`),
  ];
}

function inLedger(id: string, { ledger }: Looked): string {
  const entries = ledger.entries.filter(({ sessionId }) => sessionId === id);
  return entries.length > 0
    ? entries.map(entryText).join('; ')
    : 'nothing: neither started, linked nor named by us';
}

/** `linked to PAY-1 (devserver)`: what the user or we said of it. */
export function entryText({ evidence, key, host, rejected = [], name, published }: LedgerEntry): string {
  const words = {
    started: `started for ${key ?? 'no task'}`,
    linked: `linked to ${key ?? 'no task'}`,
    unlinked: `not of ${key ?? 'any task'}, by your word`,
    seen: 'seen',
  };
  return [
    `${words[evidence]} (${host})`,
    ...(rejected.length > 0 ? [`not of ${rejected.join(', ')} either`] : []),
    ...(name === undefined ? [] : [`named ${name}`]),
    ...(published ? [`record written on ${published.issueKey}`] : []),
  ].join(', ');
}

function inRecords(id: string, { claims }: Looked): string {
  const mine = claims.filter(({ sessionId }) => sessionId === id);
  const owner = ownerOf(id, claims);
  if (mine.length === 0) return 'no listed issue names it';
  return mine
    .map(({ issueKey, author, title, host }) =>
      [
        `${issueKey}: ${title} by ${author.name}`,
        ...(host === undefined ? [] : [`host ${host}`]),
        ...(issueKey === owner ? [] : [`later than ${owner}'s, so a candidate only`]),
      ].join(', '),
    )
    .join('; ');
}
