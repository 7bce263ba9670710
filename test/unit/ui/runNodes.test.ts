import assert from 'node:assert/strict';
import type { Run } from '../../../src/model/run/run';
import type { Task } from '../../../src/model/task/task';
import { childNodes, taskNode } from '../../../src/ui/tree/nodes';
import { liveRunOf } from '../../../src/model/run/standing';
import { shownRuns } from '../../../src/ui/tree/runNodes';
import { id, session, task } from '../model/examples';
import { run, states } from './runs';

/** Kinds of a task's rows; of runs also the state. */
const rows = (fields: Partial<Task>): string[] =>
  childNodes(taskNode(task('PAY-1', fields)), []).map((node) =>
    node.kind === 'run' ? `run ${node.run.state.kind}` : node.kind,
  );
const nth = (n: number, state: Run['state']): Run => run({ id: id(n), state });
const { running, failed, complete, stopped, queued } = states;

describe('runs in the tree', () => {
  const cases: [string, Partial<Task>, string[]][] = [
    ['one that works comes first', { runs: [nth(1, running)] }, ['run running', 'sessions']],
    ['one that needs somebody comes first', { runs: [nth(1, failed)] }, ['run failed', 'sessions']],
    ['what is complete comes last', { runs: [nth(1, complete)] }, ['sessions', 'run complete']],
    [
      'older ones are history',
      { runs: [nth(3, complete), nth(2, failed), nth(1, stopped)] },
      ['sessions', 'run complete'],
    ],
    [
      'but for those that live',
      { runs: [nth(3, failed), nth(2, queued), nth(1, complete)] },
      ['run failed', 'run queued', 'sessions'],
    ],
    [
      'and the one that needs the user',
      {
        runs: [nth(2, complete), nth(1, failed)],
        needsYou: { reason: 'failed', since: 0, runId: id(1) },
      },
      ['run failed', 'sessions', 'run complete'],
    ],
  ];
  for (const [name, fields, expected] of cases)
    it(name, () => assert.deepEqual(rows({ sessions: [session()], ...fields }), expected));

  it('have a row for each step, with ids of their own', () => {
    const node = childNodes(taskNode(task('PAY-1', { runs: [run()] })), [])[0]!;
    const steps = childNodes(node, []);
    assert.deepEqual(
      steps.map((one) => one.kind === 'runStep' && [one.step.step, one.step.state]),
      [
        ['wait', 'done'],
        ['analysis', 'doing'],
        ['push', 'todo'],
      ],
    );
    assert.equal(new Set([node.id, ...steps.map((one) => one.id)]).size, 4);
    for (const step of steps) assert.equal(step.parent, node);
  });

  it('are none where a task has none', () => assert.deepEqual(shownRuns({}), []));
});

describe('the run that a session works for', () => {
  const reviewed = run({ reviewId: id(2) });
  const cases: [string, { id: string; host: string }, Run, boolean][] = [
    ['by its session', { id: id(1), host: 'laptop' }, run(), true],
    ['by its review', { id: id(2), host: 'laptop' }, reviewed, true],
    ['not on another host', { id: id(1), host: 'devserver' }, run(), false],
    ['not of another session', { id: id(3), host: 'laptop' }, reviewed, false],
    ['not one that has ended', { id: id(1), host: 'laptop' }, run({ state: failed }), false],
  ];
  for (const [name, one, of, found] of cases)
    it(name, () => assert.equal(liveRunOf({ runs: [of] }, one), found ? of : undefined));
});
