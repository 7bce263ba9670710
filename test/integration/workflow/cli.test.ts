import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { makeWorld, type World } from '../cliBed';

const key = 'PAY-1';
const forge = 'https://github.com/acme/platform.git';

describe('command line: workflow and pull request', () => {
  const bed = new Bed();
  let world: World;

  before(async () => {
    world = await makeWorld(bed, { tasks: [{ key, docs: { 'task_desc.md': 'What' } }] });
  });
  after(() => bed.dispose());

  it('proposes a mapping, takes what is said otherwise, and writes it', async () => {
    const proposed = await world.cli(['set-up-workflow']);
    assert.equal(proposed.code, 0);
    assert.match(proposed.stdout, /^PAY: statuses that stand for phases\n {2}Backlog +To Do +by its name\n/);
    assert.match(proposed.stdout, /"approved": "Approved"/);
    const none = await world.cli(['set-up-workflow', key, '--set', 'approved=']);
    assert.match(none.stderr, /nobody is among the approvers: no approval will count\./);
    const wrong = await world.cli(['set-up-workflow', 'PAY', '--set', 'approved=Ready for Dev']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^PAY has no status “Ready for Dev”\. It has: To Do, AI Analysis, /);
    assert.equal((await world.cli(['set-up-workflow', '--set', 'Approved'])).code, 2);
    assert.equal((await world.cli(['set-up-workflow', '../x'])).code, 2);

    const options = [
      '--set',
      'approved=',
      '--set',
      'inReview=In Development',
      '--approver',
      'mira',
      '--write',
    ];
    const written = await world.json(['set-up-workflow', 'PAY', ...options]);
    const file = join(world.home, '.config/task-sessions/config.json');
    assert.equal(written['written'], file);
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(config['phases'], written['phases']);
    assert.deepEqual(config['phases'], {
      backlog: 'To Do',
      analyzing: 'AI Analysis',
      awaitingReview: 'Ready for Review',
      inReview: 'In Development',
      done: 'Done',
    });
    assert.deepEqual(config['approvers'], [world.jira.state.user('mira').accountId]);
    assert.notEqual(config['repositories'], undefined);
  });

  it('links a pull request, of this repository only, and tells it with the task', async () => {
    const { clone, origin, git } = world.repository;
    const gitconfig = join(world.home, 'gitconfig');
    await writeFile(gitconfig, `[url "${origin}"]\n\tinsteadOf = ${forge}\n`);
    const env = { GIT_CONFIG_GLOBAL: gitconfig };
    const unknown = await world.cli(['pull-request', key], { env });
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /Nobody knows what kind of git host .* Set "forge" of the repository/);
    await git(['config', 'remote.origin.url', forge], clone);

    const opened = await world.cli(['pull-request', key], { env });
    const compare = `https://github.com/acme/platform/compare/main...task/PAY-1-analysis?expand=1`;
    assert.deepEqual([opened.code, opened.stdout], [0, `${compare}\n`], opened.stderr);
    const foreign = await world.cli(['pull-request', key, '--url', 'https://evil.example/acme/platform/pull/3'], { env }); // prettier-ignore
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /no address of a pull request of this repository/);

    const url = 'https://github.com/acme/platform/pull/3';
    const linked = await world.json(['pull-request', key, '--url', `${url}/files`], { env });
    assert.deepEqual([(linked['pullRequest'] as { url: string }).url, linked['problems']], [url, []]);
    assert.deepEqual(
      world.jira.state.issue(key).remoteLinks.map(({ object }) => object.url),
      [url],
    );
    const { stdout } = await world.cli(['show', key], { env });
    assert.match(stdout, /Pull request +Pull request #3 https:\/\/github\.com\/acme\/platform\/pull\/3\n/);
    assert.match(stdout, /Phase +In review, pull request opened just now · Jira: In Development\n/);
  });
});
