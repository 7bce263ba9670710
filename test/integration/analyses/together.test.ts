import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { App } from '../../../src/app';
import type { StartQuestion } from '../../../src/actions/run/progress';
import { UserError } from '../../../src/model/errors';
import { parseRecordIndex } from '../../../src/model/record/issueIndex';
import { Bed } from '../../bed/bed';
import { openApp } from './startApp';
import { branchOf, makeStartBed, type StartBed } from './startBed';

describe('two people who start the same task at the same moment', () => {
  const key = 'PAY-1';
  let bed: Bed;
  let world: StartBed;
  let dana: App;
  let pat: App;
  let asked: StartQuestion[];

  beforeEach(async () => {
    bed = new Bed();
    world = await makeStartBed(bed, { remote: true });
    dana = await bed.add(openApp(await world.person('dana')));
    pat = await bed.add(openApp(await world.person('pat')));
    asked = [];
  });
  afterEach(() => bed.dispose());

  const start = (app: App, host: string): Promise<string> =>
    app.analyses
      .start(app.tasks.get(key), {
        host,
        ask: (question) => {
          asked.push(question);
          return Promise.resolve(false);
        },
      })
      .then(
        ({ run }) => run.order.sessionId,
        (error: unknown) => {
          assert.ok(error instanceof UserError, String(error));
          return 'refused';
        },
      );

  for (const [where, hosts] of [
    ['on two hosts', ['laptop', 'devserver']],
    ['in one repository', ['laptop', 'laptop']],
  ] as const)
    it(`${where}: one analysis, and nothing left of the other`, async () => {
      const outcomes = await Promise.all([start(dana, hosts[0]), start(pat, hosts[1])]);
      const going = outcomes.filter((one) => one !== 'refused');
      assert.equal(going.length, 1, JSON.stringify([outcomes, asked]));
      assert.deepEqual(
        world.records(key).map(({ sessionId }) => sessionId),
        going,
      );
      const index = parseRecordIndex(world.jira.state.issue(key).properties.get('task-sessions'));
      assert.deepEqual(
        index?.records.map(({ sessionId }) => sessionId),
        going,
      );
      for (const [at, app] of [dana, pat].entries()) {
        const { runs, entries } = await app.ledger.read();
        const isGoing = outcomes[at] !== 'refused';
        assert.equal(runs.filter(({ abandoned }) => !abandoned).length, isGoing ? 1 : 0);
        assert.equal(entries.length, isGoing ? 1 : 0);
        if (isGoing || hosts[0] === hosts[1]) continue;
        const clone = hosts[at] === 'laptop' ? world.repository.clone : world.remoteClone;
        assert.equal(await world.repository.git(['branch', '--list', branchOf(key)], clone), '');
        for (const { order } of runs) assert.equal(existsSync(order.directory), false);
      }
    });
});
