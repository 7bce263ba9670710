import assert from 'node:assert/strict';
import type { Run } from '../../../src/model/run/run';
import { newEnds } from '../../../src/ui/runs/runEnds';
import { logText, settledText } from '../../../src/ui/runs/runTexts';
import { run, states } from './runs';

const hour = 3_600_000;
const hosts = [
  { name: 'laptop', local: true },
  { name: 'devserver', local: false, earlier: true as const },
];
const told = (fields: Partial<Run>, now = hour, before: string[] = []): boolean =>
  newEnds({ hosts, runs: [run(fields)] }, now, before).length > 0;

describe('ends of runs that are told', () => {
  const cases: [string, boolean, Partial<Run>, number?][] = [
    ['complete', true, { state: states.complete }],
    ['failed', true, { state: states.failed }],
    ['interrupted', true, { state: states.interrupted }],
    ['stopped: who did it knows', false, { state: states.stopped }],
    ['running', false, { state: states.running }],
    ["somebody else's", false, { state: states.complete, mine: false }],
    ['two days ago', false, { state: states.complete }, 48 * hour],
    ['as an earlier window knew it', false, { state: states.complete, host: 'devserver' }],
  ];
  for (const [name, expected, fields, now] of cases)
    it(`${expected ? 'yes' : 'no'}: ${name}`, () => assert.equal(told(fields, now), expected));

  it('are told once, and again when a run that was continued ends anew', () => {
    const [end] = newEnds({ hosts, runs: [run({ state: states.failed })] }, hour, []);
    assert.ok(!told({ state: states.failed }, hour, [end!.id]));
    assert.ok(told({ state: states.failed, lines: 9 }, hour, [end!.id]));
  });
});

describe('what settling came to', () => {
  const settled = { id: 'a', kind: 'analysis', key: 'PAY-1', host: 'h', sessionId: 's' } as const;
  it('is one line', () => {
    const line = settledText([
      { run: { ...settled, state: 'complete' }, record: 'published', status: 'moved', told: 1, problems: [] },
      {
        run: { ...settled, key: 'PAY-2', state: 'failed' },
        record: 'owed',
        status: 'unchanged',
        told: 0,
        problems: [],
      },
      {
        run: { ...settled, key: 'PAY-3', state: 'running' },
        record: 'unchanged',
        status: 'unchanged',
        told: 0,
        problems: [],
      },
    ]);
    assert.equal(
      line,
      'Settled 3 runs: PAY-1 complete (record written, status moved, 1 webhook told); PAY-2 failed (record owed until Jira takes it); PAY-3 running (nothing to change).',
    );
    assert.match(settledText([]), /^Nothing to settle/);
  });
});

describe('the log of a run', () => {
  it('shows state, steps and files, and nothing in them ends their block', () => {
    const text = logText(
      run({ state: states.failed, directory: '/srv/*x*' }),
      [
        { name: 'run.jsonl', text: '{"step":"push"}\n```\n# not a heading\n', size: 40, cut: false },
        { name: 'analysis.err', text: 'late', size: 70_000, cut: true },
      ],
      hour,
    );
    assert.match(text, /^# Analysis of PAY-1\n\n\*\*State:\*\* failed: .*rejected/);
    assert.match(text, /\*\*Next:\*\* Fetch, then continue\./);
    assert.ok(text.includes('/srv/\\*x\\*'));
    assert.ok(text.includes('````\n{"step":"push"}\n```\n# not a heading\n````'), text);
    assert.match(text, /## analysis\.err \(its end; .* in all\)/);
  });
});
