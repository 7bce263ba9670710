import assert from 'node:assert/strict';
import { explain, type Looked } from '../../../src/actions/doctor/explain';
import { UserError } from '../../../src/model/errors';
import { emptySnapshot } from '../../../src/model/task/task';
import { claim, dana, entry, id, report, session, task, transcript } from '../model/examples';

describe('why a session or a task is shown as it is', () => {
  const looked = (fields: Partial<Looked> = {}): Looked => ({
    snapshot: { ...emptySnapshot, jira: { signedIn: true }, hosts: [{ name: 'laptop', local: true }] },
    reports: [report('laptop')],
    ledger: { entries: [], worktrees: [] },
    claims: [],
    ...fields,
  });
  const lines = (text: string, fields: Partial<Looked>): string[] =>
    explain(text, looked(fields)).map(({ check, ok, detail }) => `${ok ? 'ok' : '--'} ${check}: ${detail}`);

  it('names for a session every place and what is there', () => {
    const reports = [
      report('laptop', {
        transcripts: [
          transcript({ size: 48_000 }),
          transcript({ path: './-w/x.jsonl', hasConversation: false }),
        ],
        live: [{ sessionId: id(1), pid: 50, kind: 'interactive', directory: '/srv' }],
        stale: [{ sessionId: id(1), pid: 12, why: 'reused' }],
        naming: [{ sessionId: id(1), pid: 13, command: 'less' }],
        traces: [
          { sessionId: id(1), source: 'log', path: '/logs/a', outcome: { failed: true, text: '529' } },
        ],
        kept: [{ sessionId: id(1), path: 'x', size: 312, modifiedAt: 1 }],
      }),
    ];
    const candidate = session({ key: 'PAY-2', evidence: 'candidate', reason: 'its branch carries PAY-2' });
    const snapshot = {
      ...looked().snapshot,
      sessions: [session({ key: 'PAY-1', evidence: 'ledger', reason: 'linked by you' })],
      tasks: [task('PAY-1'), task('PAY-2', { sessions: [candidate] })],
    };
    const ledger = { entries: [entry({ evidence: 'linked', key: 'PAY-1', name: 'Mine' })], worktrees: [], owed: [] }; // prettier-ignore
    const claims = [
      claim({ sessionId: id(1), created: 10 }),
      claim({ sessionId: id(1), issueKey: 'PAY-2', created: 20, author: dana, host: 'laptop' }),
    ];
    assert.deepEqual(lines(id(1).slice(0, 8), { reports, snapshot, ledger, claims }), [
      `ok session ${id(1).slice(0, 8)}: shown under PAY-1 (linked by you), ended on laptop; candidate of PAY-2 (its branch carries PAY-2)`,
      [
        `ok laptop: transcript /home/dev/.claude/projects/-srv-platform/${id(1)}.jsonl (48 KB)`,
        'transcript /home/dev/.claude/projects/-w/x.jsonl (100 B, no conversation in it)',
        'several of one id: Claude would take one by chance',
        'alive as process 50',
        'registry file of process 12 means nothing: another process has its number',
        'process 13 (less) names it',
        'log of a run /logs/a failed: 529',
        'copy kept (312 B)',
      ].join('; '),
      'ok ledger: linked to PAY-1 (laptop), named Mine',
      "ok records: PAY-1: AI Analysis Complete by Pat; PAY-2: AI Analysis Complete by Dana, host laptop, later than PAY-1's, so a candidate only",
    ]);
  });

  it('says of a session that is found nowhere who could not be asked', () => {
    const hosts = [
      { name: 'laptop', local: true },
      { name: 'devserver', local: false, error: 'It does not answer.', next: 'Try again.' },
    ];
    const snapshot = { ...looked().snapshot, hosts };
    const checks = explain(id(9), looked({ snapshot }));
    assert.deepEqual(checks.slice(0, 3), [
      {
        check: `session ${id(9).slice(0, 8)}`,
        ok: false,
        detail: 'not shown: no host that answers knows it',
        fix: 'It may be on devserver: see below.',
      },
      { check: 'laptop', ok: true, detail: 'no transcript, process, log or prompt of it' },
      { check: 'devserver', ok: false, detail: 'It does not answer.', fix: 'Try again.' },
    ]);
    assert.match(explain(id(9), looked())[0]?.fix ?? '', /deleted/);
  });

  it('finds a session that is not shown by whatever names it', () => {
    const kept = [{ sessionId: id(7), path: 'x', size: 1, modifiedAt: 1 }];
    const found = lines(id(7).slice(0, 8), { reports: [report('laptop', { kept })] });
    assert.equal(found[1], 'ok laptop: copy kept (1 B)');
  });

  it('says of a task whether it is listed, and which sessions it has and why', () => {
    const sessions = [
      session({ reason: 'recorded by Pat' }),
      session({ id: id(2), evidence: 'candidate', reason: 'its name carries PAY-1', score: 40 }),
    ];
    const snapshot = { ...looked().snapshot, tasks: [task('PAY-1', { sessions, branch: 'b' })] };
    const claims = [
      claim({ sessionId: id(1) }),
      claim({ title: 'Approval Requested' }),
      claim({ sessionId: id(3), created: 50 }),
      claim({ sessionId: id(3), created: 5, issueKey: 'PAY-9' }),
    ];
    const ledger = {
      entries: [entry({ sessionId: id(2), evidence: 'unlinked', key: 'PAY-1' })],
      worktrees: [{ key: 'PAY-1', host: 'laptop', directory: '/w/PAY-1', createdAt: 1 }],
      owed: [],
    };
    assert.deepEqual(lines('pay-1', { snapshot, claims, ledger }), [
      'ok PAY-1: listed: Summary of PAY-1 (To Do, backlog)',
      'ok branch: b: not in the repository',
      'ok sessions: 00000001 on laptop (recorded by Pat), ended',
      'ok candidates: 00000002 on laptop (its name carries PAY-1, 40)',
      'ok records: AI Analysis Complete by Pat for 00000001; Approval Requested by Pat, without a session id; AI Analysis Complete by Pat for 00000003, which PAY-9 claimed earlier',
      'ok ledger: 00000002 not of PAY-1, by your word (laptop); worktree /w/PAY-1 on laptop',
    ]);
  });

  it('says why a task is not listed', () => {
    const jiras = [{ signedIn: false }, { signedIn: true, error: 'Jira is down.' }, { signedIn: true }];
    assert.deepEqual(
      jiras.map((jira) => lines('PAY-1', { snapshot: { ...looked().snapshot, jira } })[0]),
      [
        '-- PAY-1: not listed: not signed in',
        '-- PAY-1: not listed: Jira is down.',
        '-- PAY-1: not listed: jira.jql does not match it',
      ],
    );
  });

  it('takes nothing else for an id, and not one beginning for two sessions', () => {
    const snapshot = { ...looked().snapshot, sessions: [session(), session({ id: id(2) })] };
    for (const text of ['', 'x', '000', '0000', '../..', '\u001b[31m'])
      assert.throws(() => explain(text, looked({ snapshot })), UserError);
  });
});
