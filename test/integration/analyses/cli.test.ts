import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Bed } from '../../bed/bed';
import { run, type CommandResult } from '../../bed/command';
import { until } from '../../bed/until';
import { branchOf, makeStartBed, type StartBed } from './startBed';

const cliFile = resolve(__dirname, '../../../dist/cli.js');
const node = process.env['TASK_SESSIONS_TEST_NODE'] ?? process.execPath;

describe('command line: analyze, stop, continue', () => {
  const bed = new Bed();
  let world: StartBed;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    world = await makeStartBed(bed);
    const person = await world.person();
    const config = join(world.folder, 'config.json');
    await writeFile(config, JSON.stringify(person.settings));
    env = { ...person.env, TASK_SESSIONS_CONFIG: config };
  });
  after(() => bed.dispose());

  const cli = (...args: string[]): Promise<CommandResult> =>
    run([node, cliFile, ...args], { env, cwd: world.home, input: '' });
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout, stderr } = await cli(...args, '--json');
    assert.match(stdout, /^\{"schema":1,.*\}\n$/, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it('tells what a start would come to, and makes nothing', async () => {
    const { host, branch, preflight } = await json('analyze', 'PAY-1', '--dry-run');
    assert.deepEqual([host, branch], ['laptop', branchOf('PAY-1')]);
    assert.deepEqual(
      (preflight as { ok: boolean }[]).filter(({ ok }) => !ok),
      [],
    );
    assert.equal(await world.repository.git(['branch', '--list', 'task/*']), '');
    const { code, stdout } = await cli('analyze', 'PAY-1', '--dry-run', '--host', 'laptop');
    assert.equal(code, 0);
    assert.match(stdout, /^PAY-1 would be analyzed on laptop, in .*\n {2}ok {2}host/);
  });

  it('says which option answers a question that nobody is there to answer', async () => {
    await world.repository.git(['branch', branchOf('PAY-2'), 'main']);
    const { code, stderr } = await cli('analyze', 'PAY-2');
    assert.equal(code, 1);
    assert.match(stderr.trim().split('\n').at(-1) ?? '', /exists already on laptop\. Give --existing-branch/);
    assert.equal((await cli('analyze', 'PAY-2', '--existing-branch')).code, 0);
  });

  it('forgets a run whose issue takes nothing any more', async () => {
    await until(async () => (await world.pushed(branchOf('PAY-2')).catch(() => [])).length > 0, {
      what: 'the run of PAY-2 has pushed',
    });
    world.jira.state.deny('PAY-2', 'comment');
    assert.equal((await cli('settle', 'PAY-2')).code, 1);
    assert.match((await cli('stop', 'PAY-2', '--forget')).stdout, /The run of PAY-2 on laptop is forgotten/);
    const settled = await cli('settle', 'PAY-2');
    assert.deepEqual([settled.code, settled.stderr], [0, 'Nothing to settle.\n']);
  });

  it('starts, stops and continues', async () => {
    world.analyst.hang = true;
    const { session } = await json('analyze', 'PAY-1');
    const { id, key, branch, directory, evidence, kind } = session as Record<string, string>;
    assert.deepEqual([key, branch, evidence, kind], ['PAY-1', branchOf('PAY-1'), 'ledger', 'analysis']);
    const stopped = await cli('stop', 'PAY-1');
    assert.deepEqual([stopped.code, stopped.stderr], [0, '']);
    assert.match(stopped.stdout, /The run of PAY-1 on laptop is stopped/);
    assert.deepEqual(
      world.records('PAY-1').map(({ title, status }) => [title, status]),
      [['AI Analysis Failed', 'Stopped']],
    );
    const { task } = await json('show', 'PAY-1');
    assert.deepEqual(
      [(task as { failed?: true }).failed, (task as { phase: string }).phase],
      [undefined, 'analyzing'],
    );
    // Who tidied up may go on all the same.
    await rm(directory!, { recursive: true });
    world.analyst.hang = false;
    const again = await json('continue', 'PAY-1');
    assert.equal((again.session as { id: string }).id, id);
    assert.ok(existsSync(join(directory!, '.git')));
    assert.equal(world.records('PAY-1')[0]?.title, 'AI Analysis Started');
    assert.match(
      (await cli('stop', 'PAY-1', '--forget')).stderr,
      /PAY-1 has no run that can be forgotten|Stop it first/,
    );
    assert.match((await cli('continue', 'PAY-3')).stderr, /PAY-3 has no run that can be continued/);
  });
});
