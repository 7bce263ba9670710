import assert from 'node:assert/strict';
import { hostJson, runJson, sessionJson, taskJson, terminalJson } from '../../../src/cli/json';
import { clock, id, session, task } from '../model/examples';
import { run, runId } from '../model/run/examples';

const iso = '2023-11-14T22:13:20.000Z';

describe('what --json prints', () => {
  it('of a session is what is promised, times as ISO 8601', () => {
    const one = session({
      key: 'PAY-1',
      directory: '/srv/platform',
      createdAt: clock,
      lastActivity: clock,
      expiresAt: clock,
      context: { usedTokens: 1, windowTokens: 2, usedPercent: 50 },
      terminal: { name: 'PAY-1-00000001', attached: true },
      live: { pid: 50, kind: 'interactive', pane: { socket: '/run/s', id: '%1', sessionName: 'x' } },
    });
    assert.deepEqual(sessionJson(one), {
      id: id(1),
      host: 'laptop',
      kind: 'analysis',
      state: 'ended',
      evidence: 'record',
      key: 'PAY-1',
      directory: '/srv/platform',
      createdAt: iso,
      lastActivity: iso,
      expiresAt: iso,
      context: { usedTokens: 1, windowTokens: 2, usedPercent: 50 },
      terminal: { name: 'PAY-1-00000001', attached: true },
      pid: 50,
    });
    assert.equal(sessionJson(session({ hostKnown: false }))['hostKnown'], false);
  });

  it('of a task is what is promised, with its sessions', () => {
    const checkout = { repository: 'platform', host: 'laptop', directory: '/src/platform', name: 'b', ref: 'refs/heads/b', head: 'a', worktree: { directory: '/w', main: false } }; // prettier-ignore
    const printed = taskJson(
      task('PAY-1', {
        updated: clock,
        checkout,
        docs: [{ name: 'critic.md', path: 'd/critic.md', blob: 'b', changedAt: clock }],
        sessions: [session()],
        approval: { commit: 'a', by: 'Dana', at: clock, stale: false },
        needsYou: { reason: 'input needed', since: clock },
      }),
    );
    assert.deepEqual(printed, {
      key: 'PAY-1',
      id: '1',
      summary: 'Summary of PAY-1',
      status: 'To Do',
      statusCategory: 'new',
      phase: 'backlog',
      url: 'https://jira.example/browse/PAY-1',
      updated: iso,
      docs: [{ name: 'critic.md', path: 'd/critic.md', blob: 'b', changedAt: iso }],
      sessions: [sessionJson(session())],
      approval: { commit: 'a', by: 'Dana', at: iso, stale: false },
      needsYou: { reason: 'input needed', since: iso },
      repository: { name: 'platform', host: 'laptop', directory: '/src/platform' },
      checkedOutIn: '/w',
    });
  });

  it('of a run is how it stands, with its steps', () => {
    const failure = { kind: 'push', message: 'No.', next: 'Try again.' } as const;
    const steps = [
      { step: 'commit', state: 'done', at: clock },
      { step: 'push', state: 'todo' },
    ] as const;
    const one = run({ kind: 'failed', step: 'push', at: clock, failure }, { steps: [...steps], docs: ['a.md'], lines: 7 });
    assert.deepEqual(runJson(one), {
      id: runId(1),
      kind: 'analysis',
      key: 'PAY-1',
      jira: 'jira.example',
      sessionId: id(1),
      reviewId: id(2),
      directory: '/srv/platform.worktrees/PAY-1',
      branch: 'task/PAY-1-analysis',
      startedBy: 'Pat',
      createdAt: iso,
      host: 'devserver',
      mine: true,
      state: { kind: 'failed', step: 'push', failure, at: iso },
      steps: [{ step: 'commit', state: 'done', at: iso }, { step: 'push', state: 'todo' }],
      docs: ['a.md'],
      settled: false,
      logs: [],
    });
    assert.deepEqual(runJson(run({ kind: 'queued', since: clock }))['state'], { kind: 'queued', since: iso });
    assert.deepEqual(taskJson(task('PAY-1', { runs: [one] }))['runs'], [runJson(one)]);
  }); // prettier-ignore

  it('of hosts and terminals is small', () => {
    assert.deepEqual(hostJson({ name: 'laptop', local: true, asOf: clock, error: 'down' }), { name: 'laptop', local: true, asOf: iso, error: 'down' }); // prettier-ignore
    const terminal = { host: 'laptop', name: 'x', attached: 2, windows: 1, createdAt: clock, pid: 5 };
    assert.deepEqual(terminalJson(terminal), { host: 'laptop', name: 'x', attached: true, windows: 1, createdAt: iso }); // prettier-ignore
  });

  it('has nothing where nothing is known, instead of null', () => {
    for (const printed of [
      sessionJson(session()),
      taskJson(task('PAY-1')),
      hostJson({ name: 'x', local: true }),
    ])
      assert.ok(!Object.values(printed).some((value) => value === undefined || value === null));
  });
});
