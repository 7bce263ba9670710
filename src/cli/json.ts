import type { Run } from '../model/run/run';
import type { Session, TerminalInfo } from '../model/session/session';
import type { HostState, Task, TaskDoc } from '../model/task/task';

/** What `--json` prints: the fields of the model, times as ISO 8601, internals left out. */

const time = (name: string, at: number | undefined): Record<string, string> =>
  at === undefined ? {} : { [name]: new Date(at).toISOString() };

export function sessionJson(session: Session): Record<string, unknown> {
  const { createdAt, lastActivity, expiresAt, hostKnown, live, traces, kept, asks, ...rest } = session;
  return {
    ...rest,
    ...(hostKnown ? {} : { hostKnown }),
    ...time('createdAt', createdAt),
    ...time('lastActivity', lastActivity),
    ...time('expiresAt', expiresAt),
    ...(live && { pid: live.pid }),
    ...(asks && { asks: { ...asks, ...time('at', asks.at) } }),
    ...(traces && {
      traces: traces.map(({ at, clearedAt, ...trace }) => ({
        ...trace,
        ...time('at', at),
        ...time('clearedAt', clearedAt),
      })),
    }),
    ...(kept && { kept: { path: kept.path, size: kept.size, ...time('modifiedAt', kept.modifiedAt) } }),
  };
}

export function runJson(run: Run): Record<string, unknown> {
  const { createdAt, asOf, state, steps, lines: _, ...rest } = run;
  const { since, at, ...stands } = { since: undefined, at: undefined, ...state };
  return {
    ...rest,
    ...time('createdAt', createdAt),
    ...time('asOf', asOf),
    state: { ...stands, ...time('since', since), ...time('at', at) },
    steps: steps.map(({ at: changedAt, ...step }) => ({ ...step, ...time('at', changedAt) })),
  };
}

export function docJson({ review, changedAt, ...rest }: TaskDoc): Record<string, unknown> {
  return {
    ...rest,
    ...time('changedAt', changedAt),
    ...(review && { review: { ...review, ...time('at', review.at) } }),
  };
}

export function taskJson(task: Task): Record<string, unknown> {
  const {
    checkout,
    updated,
    phaseCause,
    needsYou,
    approval,
    pullRequest,
    sessions,
    runs,
    docs,
    docsExpected: _,
    ...rest
  } = task;
  return {
    ...rest,
    ...(phaseCause && { phaseCause: { kind: phaseCause.kind, ...time('at', phaseCause.at) } }),
    ...time('updated', updated),
    docs: docs.map(docJson),
    sessions: sessions.map(sessionJson),
    ...(runs && { runs: runs.map(runJson) }),
    ...(approval && { approval: { ...approval, ...time('at', approval.at) } }),
    ...(pullRequest && {
      pullRequest: { url: pullRequest.url, branch: pullRequest.branch, ...time('at', pullRequest.at) },
    }),
    ...(needsYou && { needsYou: { ...needsYou, ...time('since', needsYou.since) } }),
    ...(checkout && {
      repository: { name: checkout.repository, host: checkout.host, directory: checkout.directory },
      ...(checkout.worktree && { checkedOutIn: checkout.worktree.directory }),
    }),
  };
}

export function hostJson(host: HostState): Record<string, unknown> {
  const { asOf, earlier: _, ...rest } = host;
  return { ...rest, ...time('asOf', asOf) };
}

export function terminalJson(terminal: TerminalInfo): Record<string, unknown> {
  const { createdAt, attached, pid: _, ...rest } = terminal;
  return { ...rest, attached: attached > 0, ...time('createdAt', createdAt) };
}
