import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requestsFolder } from '../../../src/model/gate/request/request';
import { Bed } from '../../bed/bed';
import { makeWorld, type World } from '../cliBed';
import { recordsOf } from '../recordsOf';

const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

describe('command line: requests from within a session, and set-up', () => {
  const bed = new Bed();
  let world: World;
  before(async () => {
    world = await makeWorld(bed, { tasks: [{ key: 'PAY-1', docs: { 'task_desc.md': '# One\n' } }] });
    world.record('PAY-1', { sessionId, host: 'laptop', directory: world.repository.clone });
  });
  after(() => bed.dispose());

  it('asks without a token or a configuration, shows it to its user, and settles it', async () => {
    const { cli, repository, jira } = world;
    const bare = {
      CLAUDE_CODE_SESSION_ID: sessionId,
      TASK_SESSIONS_JIRA_TOKEN: undefined,
      TASK_SESSIONS_JIRA_EMAIL: undefined,
      XDG_CONFIG_HOME: join(world.home, 'nothing'),
    };
    const asked = await cli(['request-approval', '--note', 'Option B'], { cwd: repository.clone, env: bare });
    assert.equal(asked.code, 0, asked.stderr);
    assert.match(asked.stdout, /^Approval is requested\. .*\n$/);
    assert.equal(asked.stderr, '');
    // Within one second nobody can tell which of two came last.
    await rm(join(world.home, requestsFolder), { recursive: true });
    const { request } = await world.json<{ request: { sessionId: string; note: string } }>(
      ['request-approval', 'PAY-1', '--session', sessionId, '--note', 'Option C'],
      { cwd: repository.clone, env: { ...bare, CLAUDE_CODE_SESSION_ID: undefined } },
    );
    assert.deepEqual([request.sessionId, request.note], [sessionId, 'Option C']);
    for (const args of [['pay-1'], ['--session', 'PAY-1'], ['PAY-1', 'PAY-2']])
      assert.equal((await cli(['request-approval', ...args], { env: bare })).code, 2, args.join(' '));

    const { tasks } = await world.json<{ tasks: { key: string; needsYou: object }[] }>([
      'tasks',
      '--needs-me',
    ]);
    assert.deepEqual(
      tasks.map(({ key, needsYou }) => [key, { ...needsYou, since: 0 }]),
      [['PAY-1', { reason: 'approval requested: Option C', since: 0, sessionId }]],
    );
    const settled = await cli(['settle']);
    assert.equal(settled.code, 0, settled.stderr);
    assert.match(settled.stdout, /PAY-1 {2}approval requested by 5f1d9b2e on laptop: record published/);
    const mine = recordsOf(jira.state.issue('PAY-1').comments, 'PAY-1').filter(
      ({ title }) => title === 'Approval Requested',
    );
    assert.deepEqual(
      mine.map(({ reason }) => reason),
      ['Option C'],
    );
    assert.match((await cli(['show', 'PAY-1'])).stdout, /approval requested: Option C/);
    assert.match((await cli(['settle'])).stderr, /Nothing to settle/);
  });

  it('installs the skill only by a word, says what a host lacks, and takes it away', async () => {
    const { cli, home } = world;
    const folder = join(home, '.claude/skills/request-approval');
    const dry = await cli(['set-up', '--dry-run']);
    assert.match(dry.stdout, new RegExp(`write ${folder}/SKILL\\.md \\(is not there\\)`));
    assert.match(dry.stdout, /-- {2}claude on laptop: not found\n {6}Install Claude Code on laptop/);
    assert.match(dry.stdout, /ok {2}git on laptop: \d/);
    assert.match(dry.stdout, /commits as|does not know who commits/);
    assert.ok(!existsSync(join(home, '.claude')));
    const silent = await cli(['set-up']);
    assert.equal(silent.code, 1);
    assert.match(silent.stderr, /Nothing was changed\. Say --yes/);
    const { files } = await world.json<{ files: { written: boolean }[] }>(['set-up', '--yes']);
    assert.deepEqual(
      files.map(({ written }) => written),
      [true, true],
    );
    assert.deepEqual((await readdir(folder)).sort(), ['SKILL.md', 'request.sh']);
    assert.match((await cli(['doctor'])).stdout, /ok {2}skill on laptop: \/request-approval in /);
    assert.equal((await cli(['set-up', '--host', 'nowhere'])).code, 1);
    const removed = await cli(['set-up', '--remove', '--yes']);
    assert.equal(removed.code, 0, removed.stderr);
    assert.ok(!existsSync(folder));
    assert.ok(existsSync(join(home, requestsFolder)), 'requests stay');
  });
});
