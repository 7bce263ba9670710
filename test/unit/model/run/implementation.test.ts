import assert from 'node:assert/strict';
import { failedCheck } from '../../../../src/actions/run/start/implementation/answer';
import { failureOf } from '../../../../src/model/run/failure/failureOf';
import type { RunOrder } from '../../../../src/model/run/order';
import { pendingRun, runOf } from '../../../../src/model/run/progress';
import { resumes } from '../../../../src/model/run/resumes';
import type { Run, RunReading } from '../../../../src/model/run/run';
import { isCheckFailed, rowNote, rowTitle, runStateText } from '../../../../src/model/run/words';
import { clock, id } from '../examples';
import { ledgerRun, lines, log, order, reading } from './examples';

type Said = Parameters<typeof lines>[number];

const commit = (n: number): string => `${n}`.repeat(40);
const spares = [id(7), id(8), id(9)];

const ordered = (fields: Partial<NonNullable<RunOrder['implementation']>> = {}): RunOrder => {
  const { reviewId: _, ...rest } = order({ kind: 'implementation' });
  const titles = ['Add the entity', 'Store it', 'Show it', 'Document it'];
  return {
    ...rest,
    implementation: {
      commit: 'a'.repeat(40),
      approvedBy: 'Pat',
      approvedAt: clock,
      documents: [],
      steps: titles.map((title) => ({ title })),
      checks: ['npm test'],
      spares,
      ...fields,
    },
  };
};

/** The lines of a step of the plan, as far as it came. */
const started = (n: number, how = n === 1 ? 'begin' : 'resume', more = {}): Said => [
  'implement started',
  { n, how: how as 'begin', ...more },
];
const step = (n: number): Said[] => [
  started(n),
  ['implement done', { n }],
  ['check started', { n }],
  ['check done', { n }],
  ['commit done', { n, commit: commit(n) }],
];
const begun: Said[] = ['run started', 'wait started', 'wait done'];
const checkFailed = (n: number, fields = {}): Said[] => [
  started(n),
  ['implement done', { n }],
  ['check started', { n }],
  ['check failed', { n, code: 1, reason: 'failed', text: 'npm test: 3 failing', ...fields }],
  ['run failed', { reason: 'failed' }],
];
const mending: Said[] = ['run started', ['check answered', { n: 2, reason: 'fix' }], started(2, 'resume'), ['implement failed', { n: 2, reason: 'api_error', text: 'API Error: 529 Overloaded.' }], 'run failed']; // prettier-ignore
const skipped = (n: number): Said[] => ['run started', ['check answered', { n, reason: 'skip' }], ['check done', { n, reason: 'skipped' }], ['commit done', { n, commit: commit(n) }]]; // prettier-ignore

const of = (said: Said[], fields: Partial<RunReading> = {}): RunReading =>
  reading(lines(...said), { order: ordered(), ...fields });

/** `✓1 check skipped ◐3 checking`: what is to do is left out. */
const marks = { todo: '', doing: '◐', done: '✓', failed: '×' } as const;
const rows = ({ steps }: Run): string =>
  steps
    .flatMap((row) => {
      const note = rowNote(row);
      return marks[row.state] ? [`${marks[row.state]}${row.n ?? row.step}${note ? ` ${note}` : ''}`] : [];
    })
    .join(' ');

const dead = { alive: false };
const cases: [name: string, of: RunReading, says: string, rows: string][] = [
  ['waits', of(['run started', 'wait started']), 'waits for a place · 1 min', '◐wait'],
  ['has a place', of(begun), 'implementing step 1 of 4: Add the entity · 1 min', '✓wait'],
  ['begins', of([...begun, started(1)]), 'implementing step 1 of 4: Add the entity · 1 min', '✓wait ◐1 implementing'],
  ['has written the step', of([...begun, started(1), ['implement done', { n: 1 }]]), 'checking step 1 of 4 · 1 min', '✓wait ◐1 checking'],
  ['has no checks', of([...begun, started(1), ['implement done', { n: 1 }]], { order: ordered({ checks: [] }) }), 'committing step 1 of 4 · 1 min', '✓wait ◐1 committing'],
  ['checks it', of([...begun, started(1), ['implement done', { n: 1 }], ['check started', { n: 1 }]]), 'checking step 1 of 4 · 1 min', '✓wait ◐1 checking'],
  ['has checked it', of([...begun, ...step(1).slice(0, -1)]), 'committing step 1 of 4 · 1 min', '✓wait ◐1 committing'],
  ['goes on to the next', of([...begun, ...step(1)]), 'implementing step 2 of 4: Store it · 1 min', '✓wait ✓1'],
  ['pushes on the way', of([...begun, ...step(1), ['push started', { n: 1 }]]), 'push · 1 min', '✓wait ✓1'],
  ['could not push on the way', of([...begun, ...step(1), ['push failed', { n: 1, reason: 'network' }], started(2)]), 'implementing step 2 of 4: Store it · 1 min', '✓wait ✓1 ◐2 implementing'],
  ['is in the second', of([...begun, ...step(1), started(2)]), 'implementing step 2 of 4: Store it · 1 min', '✓wait ✓1 ◐2 implementing'],
  ['tries the API again', of([...begun, ...step(1), started(2)], { logs: [log('implement', { n: 1, retry: { attempt: 1, of: 2 } }), log('implement', { n: 2, retry: { attempt: 3, of: 10, status: 529 } })] }), 'step 2 of 4 · API overloaded, try 3 of 10', '✓wait ✓1 ◐2 implementing'],
  ['was killed', of([...begun, ...step(1), started(2)], dead), 'interrupted at step 2 of 4: it was ended from outside', '✓wait ✓1'],
  ['was killed in a check', of([...begun, ...step(1), started(2), ['implement done', { n: 2 }], ['check started', { n: 2 }]], dead), 'interrupted at the check of step 2 of 4: it was ended from outside', '✓wait ✓1'],
  ['was stopped', of([...begun, ...step(1), started(2), 'run stopped'], dead), 'stopped at step 2 of 4 · 1 min', '✓wait ✓1'],
  ['goes on after a kill', of([...begun, ...step(1), started(2), 'run started', started(2, 'resume')]), 'implementing step 2 of 4: Store it · 1 min', '✓wait ✓1 ◐2 implementing'],
  ['is begun anew, and has not said where', of([...begun, ...step(1), started(2), 'run started']), 'waits for a place · 1 min', '✓wait ✓1'],
  ['fails a check', of([...begun, ...step(1), ...checkFailed(2)], dead), 'failed: The check of step 2 failed (exit status 1): npm test: 3 failing.', '✓wait ✓1 ×2 check failed'],
  ['heard that Claude is to fix it', of([...begun, ...step(1), ...checkFailed(2), 'run started', ['check answered', { n: 2, reason: 'fix' }]]), 'checking step 2 of 4 · 1 min', '✓wait ✓1 ◐2 checking'],
  ['has Claude fix it', of([...begun, ...step(1), ...checkFailed(2), 'run started', started(2, 'resume')]), 'implementing step 2 of 4: Store it · 1 min', '✓wait ✓1 ◐2 implementing'],
  ['could not be mended by Claude', of([...begun, ...step(1), ...checkFailed(2), ...mending], dead), "failed: The model's API does not answer: API Error: 529 Overloaded.", '✓wait ✓1 ×2'],
  ['passes it over', of([...begun, ...step(1), ...checkFailed(2), ...skipped(2), started(3)]), 'implementing step 3 of 4: Show it · 1 min', '✓wait ✓1 ✓2 check skipped ◐3 implementing'],
  ['has done all', of([...begun, ...step(1), ...step(2), ...step(3), ...step(4)]), 'push · 1 min', '✓wait ✓1 ✓2 ✓3 ✓4'],
  ['cannot push', of([...begun, ...step(4), 'push started', ['push failed', { reason: 'denied' }], ['run failed', { reason: 'denied' }]], dead), 'failed: The remote refuses the push.', '✓wait ✓1 ✓2 ✓3 ✓4 ×push'],
  ['is complete', of([...begun, ...step(4), 'push done', 'run complete'], dead), 'complete · 1 min', '✓wait ✓1 ✓2 ✓3 ✓4 ✓push'],
  ['has lines that are cut off', of([started(3), ['implement done', { n: 3 }]]), 'checking step 3 of 4 · 1 min', '✓1 ✓2 ◐3 checking'],
]; // prettier-ignore

describe('an implementation', () => {
  for (const [name, one, says, steps] of cases)
    it(`that ${name}`, () => {
      const run = runOf(one, 'devserver');
      assert.equal(runStateText(run, one.lines.at(-1)!.at + 60_000), says);
      assert.equal(rows(run), steps);
    });

  it('has a row for each step of its plan, with its commit', () => {
    const run = runOf(of([...begun, ...step(1)]), 'devserver');
    assert.deepEqual(
      run.steps.map((row) => rowTitle(row, run.kind)),
      ['Waiting for a place', 'Step 1: Add the entity', 'Step 2: Store it', 'Step 3: Show it', 'Step 4: Document it', 'Push'],
    ); // prettier-ignore
    assert.equal(run.steps[1]?.commit, commit(1));
    assert.equal(pendingRun(ledgerRun({ order: ordered() })).steps.length, 6);
  });

  it('goes on in another session, of those that were ordered', () => {
    const sessions = (...said: Said[]): unknown[] => {
      const { sessionId, earlierSessions } = runOf(of([...begun, ...said]), 'devserver');
      return [sessionId, earlierSessions];
    };
    const into = (n: number, session: string): Said => started(n, 'begin', { session, reason: 'missing' });
    assert.deepEqual(sessions(started(1)), [id(1), undefined]);
    assert.deepEqual(sessions(started(1), into(2, id(7))), [id(7), [id(1)]]);
    assert.deepEqual(sessions(into(2, id(7)), started(3, 'resume', { session: id(7) }), into(4, id(9))), [id(9), [id(1), id(7)]]);
    assert.deepEqual(sessions(started(1), into(2, id(5))), [id(1), undefined]);
  }); // prettier-ignore

  const failures: [name: string, said: Said[], kind: string, message: RegExp, next: RegExp][] = [
    ['a check that hung', checkFailed(2, { reason: 'timeout', code: undefined, text: 'npm test' }), 'check', /^The check of step 2 took too long and was ended: npm test\.$/, /Fix and Continue.*Skip Step/],
    ['another session that answers', [started(2), ['implement failed', { n: 2, reason: 'otherSession' }], 'run failed'], 'sessionLost', /answered in another session/, /continue it/],
    ['no session that can go on', [started(2), ['implement failed', { n: 2, reason: 'missing', text: 'The conversation cannot be resumed.' }], 'run failed'], 'sessionLost', /no further session/, /new implementation/],
    ['a context that is full in every session', [started(2), ['implement failed', { n: 2, reason: 'prompt_too_long', text: 'Prompt is too long' }], 'run failed'], 'promptTooLong', /does not fit/, /Continue the run/],
    ['a directory that is gone', [['run failed', { reason: 'directory' }]], 'unknown', /directory of the task is gone/, /^Continue the run: .* start a new implementation\.$/],
    ['a step that cannot be committed', [['commit failed', { n: 3, reason: 'git', text: 'odd' }], 'run failed'], 'commit', /^Step 3 could not be committed: odd/, /by hand/],
    ['the API, not the push before', [['push failed', { n: 1, reason: 'denied' }], started(2), ['implement failed', { n: 2, reason: 'api_error', text: 'API Error: 529 Overloaded.' }], 'run failed'], 'apiDown', /529/, /again later/],
    ['the API, while a check is mended', [...checkFailed(2), ...mending], 'apiDown', /529/, /^Fix and Continue has Claude try again, Skip Step/],
    ['a budget, while a check is mended', [...checkFailed(2), ...mending.slice(0, -2), ['implement failed', { n: 2, reason: 'max_turns' }], 'run failed'], 'maxTurns', /most turns/, /^Raise claude.maxTurns\. Fix and Continue/],
    ['a disk, not the push before', [['push failed', { n: 1, reason: 'denied' }], started(2), ['run failed', { reason: 'disk' }]], 'diskFull', /disk/, /Make room/],
    ['a plan of which nothing was done', [['implement failed', { reason: 'nothing' }], 'run failed'], 'claude', /changed nothing/, /new implementation/],
    ['a claude that is gone', [started(2), ['implement failed', { n: 2, reason: 'noClaude', code: 127 }], 'run failed'], 'claude', /cannot be started/, /claudePath/],
  ]; // prettier-ignore
  for (const [name, said, kind, message, next] of failures)
    it(`tells of ${name}`, () => {
      const failure = failureOf(of([...begun, ...said], dead));
      assert.ok(failure);
      assert.equal(failure.kind, kind);
      assert.match(failure.message, message);
      assert.match(failure.next, next);
      assert.doesNotMatch(`${failure.message} ${failure.next}`, /analysis|documents/);
    });

  it('stands at its check until that is passed, whatever came of mending it', () => {
    const stands = (...said: Said[]): unknown => {
      const run = runOf(of([...begun, ...step(1), ...said], dead), 'devserver');
      return [isCheckFailed(run), failedCheck(run.state)];
    };
    const failed: Said[] = [['implement failed', { n: 2, reason: 'api_error' }], 'run failed'];
    assert.deepEqual(stands(...checkFailed(2)), [true, 2]);
    assert.deepEqual(stands(...checkFailed(2), ...mending), [true, 2]);
    assert.deepEqual(stands(...checkFailed(2), ...mending, ...mending.slice(0, 1), ...mending.slice(2)), [
      true,
      2,
    ]);
    assert.deepEqual(stands(started(2), ...failed), [false, undefined]);
    assert.deepEqual(stands(...checkFailed(2), ...skipped(2), started(3), ['implement failed', { n: 3 }], 'run failed'), [false, undefined]); // prettier-ignore
  });

  const done = (n: number): Said => ['implement done', { n }];
  const failed = (n: number, reason: string): Said => ['implement failed', { n, reason }];
  const spare = (n: number, reason = 'missing'): Said => started(n, 'begin', { session: id(7), reason });
  const tries: [name: string, said: Said[], is: string][] = [
    ['begins', [...step(1)], '0 of 0'],
    ['resumes for each step', [...step(1), ...step(2), ...step(3)], '2 of 2'],
    ['works on', [...step(1), started(2)], '0 of 0'],
    ['fails', [started(2), failed(2, 'noResult')], '0 of 1'],
    ['fails, and is continued', [started(2), failed(2, 'api_error'), 'run started', started(2), done(2)], '1 of 2'],
    ['finds no conversation', [...step(1), spare(2), done(2), started(3), done(3)], '1 of 2'],
    ['finds its context full only by trying', [started(2), spare(2, 'contextFull'), done(2)], '0 of 1'],
    ['was killed, and Claude with it', [started(2), 'run started', started(2), done(2)], '1 of 1'],
    ['was killed, and Claude went on', [started(2), 'run started', ['implement started', { n: 2 }], done(2)], '1 of 1'],
    ['had its Claude killed', [started(2), failed(2, 'killed'), 'run started', started(2), done(2)], '1 of 1'],
  ]; // prettier-ignore
  for (const [name, said, is] of tries)
    it(`that ${name}: ${is} resumes worked at the first try`, () => {
      const { tried, first } = resumes([of([...begun, ...said]), reading(lines('analysis started'))]);
      assert.equal(`${first} of ${tried}`, is);
    });
});
