import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { demoPhases } from '../../jira/demo/demoTask';
import { makeWorld, type World } from '../cliBed';
import { allDocs } from '../gitBed';
import { workflow } from './approvingBed';

const key = 'PAY-1';

describe('task-sessions approve', () => {
  let bed: Bed;
  let world: World;
  beforeEach(async () => {
    bed = new Bed();
    world = await makeWorld(bed, { tasks: [{ key, docs: allDocs(key) }] });
    await world.configure({
      jira: { url: world.jira.url, jql: 'project = PAY ORDER BY key ASC' },
      phases: demoPhases,
    });
    const { state } = world.jira;
    const way = state.workflow.transitions.find(({ to }) => to === 'Approved')!;
    way.screen = workflow().transitions.find(({ screen }) => screen)!.screen!;
    state.setStatus(key, 'Ready for Review', 'pat');
  });
  afterEach(() => bed.dispose());

  it('shows what would be approved, approves the commit that is named, and says when it is stale', async () => {
    const head = await world.repository.git(['rev-parse', `origin/task/${key}-analysis`]);
    const fields = ['--field', 'risk=high', '--field', 'Rationale=We looked at it.'];
    const inside = await world.cli(['approve', key, '--commit', head, ...fields], {
      env: { CLAUDECODE: '1' },
    });
    assert.deepEqual([inside.code, inside.stdout], [1, '']);
    assert.match(inside.stderr, /^Claude cannot approve its own work\./);
    const unnamed = await world.cli(['approve', key, ...fields]);
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.stderr, /needs --commit/);

    const dry = await world.cli(['approve', key, '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, new RegExp(`Commit +${head}\n.*Ready for Review → Approved \\(Approve for implementation, asks for Risk, Rationale\\)`)); // prettier-ignore
    assert.match(dry.stdout, /critic\.md +not reviewed/);
    assert.deepEqual(world.jira.state.issue(key).comments, []);

    const bare = await world.cli(['approve', key, '--commit', head.slice(0, 9)]);
    assert.equal(bare.code, 1);
    assert.match(bare.stderr, /was not made\. It asks for Risk, Rationale\. .*--field "Risk=…"/);
    const { approval } = await world.json<{ approval: Record<string, unknown> }>(['approve', key, '--commit', head.slice(0, 9), ...fields]); // prettier-ignore
    assert.deepEqual([approval['commit'], approval['counts'], approval['moved'], approval['by']], [head, true, 'moved', 'Dana Developer']); // prettier-ignore
    assert.match(String(approval['comment']), /browse\/PAY-1\?focusedCommentId=\d+$/);

    const shown = await world.json<{ task: { phase: string; approval: { stale: boolean } } }>(['show', key]);
    assert.deepEqual([shown.task.phase, shown.task.approval.stale], ['approved', false]);
    const doc = `docs/tasks/${key}/critic.md`;
    const moved = await world.repository.commitUpstream(
      `task/${key}-analysis`,
      { [doc]: '# Other\n' },
      'Mend',
    );
    const late = await world.cli(['approve', key, '--commit', head]);
    assert.equal(late.code, 1);
    assert.match(late.stderr, new RegExp(`has moved from ${head.slice(0, 12)} to ${moved.slice(0, 12)}: .* Mend`)); // prettier-ignore
    const { stdout } = await world.cli(['show', key]);
    assert.match(stdout, new RegExp(`Approval +${head.slice(0, 8)} by Dana Developer, .* · stale: critic\\.md changed since`)); // prettier-ignore
  });

  it('asks a person for the fields, and before it does anything', async () => {
    const no = await world.inTerminal(['approve', key]);
    await no.shows('Risk: ');
    no.write('High\r');
    await no.shows('Rationale: ');
    no.write('We looked at it.\r');
    await no.shows('[y/N]');
    no.write('n\r');
    assert.equal(await no.exited, 1);
    assert.match(no.output, /Nothing was approved/);
    assert.deepEqual(world.jira.state.issue(key).comments, []);
    const yes = await world.inTerminal(['approve', key, '--yes', '--field', 'Risk=Low']);
    await yes.shows('Rationale: ');
    yes.write('Fine.\r');
    assert.equal(await yes.exited, 0);
    assert.match(yes.output, /PAY-1 is approved for implementation at/);
    assert.equal(world.jira.state.issue(key).status.name, 'Approved');
  });
});
