import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { liveEntries, type ClaudeAccount, type LiveEntry } from '../bed/claude';
import { startModelStub, type ModelStub } from '../bed/modelStub';
import { until } from '../bed/until';
import { addClaude, makeWorld, type World } from './cliBed';

interface Planned {
  host: string;
  directory: string;
  start: string[];
}

describe('resume --from-documents', () => {
  const keys = ['PAY-1', 'PAY-2', 'PAY-3'];
  const docs = { 'task_desc.md': '# Refunds\n', 'critic.md': '# Critic\n' };
  let bed: Bed;
  let stub: ModelStub;
  let world: World;
  let account: ClaudeAccount;
  let clone: string;

  before(async () => {
    bed = new Bed();
    stub = await bed.add(startModelStub());
    world = await makeWorld(bed, { tasks: keys.map((key) => ({ key, docs })), issues: [...keys, 'PAY-4'] });
    account = await addClaude(world, stub);
    clone = world.repository.clone;
    await world.repository.git(['fetch', '--quiet']);
  });
  after(() => bed.dispose());

  /** Somebody else's session, whose transcript is not ours. */
  function recorded(key: string): string {
    const sessionId: string = randomUUID();
    world.record(key, { sessionId, host: 'elsewhere', directory: '/srv/platform' });
    return sessionId;
  }
  const begun = (prompt: RegExp): Promise<LiveEntry> =>
    until(
      async () => {
        assert.ok(stub.requests.some((request) => prompt.test(request.prompt)));
        return (await liveEntries(account)).find(({ status }) => status === 'idle');
      },
      { what: 'the new session has read its first prompt' },
    );
  const end = async (entry: LiveEntry): Promise<void> => {
    process.kill(entry.pid);
    await until(async () => !(await liveEntries(account)).some(({ pid }) => pid === entry.pid), {
      what: 'the session has ended',
    });
  };
  const comments = (key: string): string[] =>
    world.jira.state.issue(key).comments.map((one) => JSON.stringify(one.body));
  const shown = async (key: string) =>
    (
      await world.json<{ task: { sessions: { id: string; continues?: string; evidence: string }[] } }>([
        'show',
        key,
      ])
    ).task.sessions;

  it('says what would happen, and changes nothing', async () => {
    const old = recorded('PAY-1');
    const worktree = `${clone}.worktrees/PAY-1`;
    const answer = await world.json<Planned>(['resume', 'PAY-1', '--from-documents', '--dry-run']);
    assert.equal(answer.host, 'laptop');
    assert.equal(answer.directory, worktree);
    const prompt = answer.start.at(-1) ?? '';
    assert.match(prompt, new RegExp(`session ${old.slice(0, 8)} began`));
    assert.match(
      prompt,
      /\n- docs\/tasks\/PAY-1\/task_desc\.md\n- docs\/tasks\/PAY-1\/critic\.md\n|critic\.md\n- /,
    );
    // Whoever names a session in full counts as its holder.
    assert.doesNotMatch(answer.start.join(' '), new RegExp(old));
    const here = await world.json<Planned>(['resume', 'PAY-1', '--from-documents', '--here', '--dry-run']);
    assert.equal(here.directory, clone);
    assert.equal(
      await world.repository
        .git(['worktree', 'list', '--porcelain'])
        .then((text) => text.match(/^worktree /gm)?.length),
      1,
    );
    assert.equal(await world.repository.git(['branch', '--show-current']), 'main');
  });

  it('starts in a worktree, remembers what it continues, and records it where that is wanted', async () => {
    const old = recorded('PAY-1');
    await world.inTerminal(['resume', 'PAY-1', '--from-documents', '--publish']);
    const entry = await begun(/PAY-1[^]*- docs\/tasks\/PAY-1\/critic\.md/);
    assert.equal(await readlink(`/proc/${entry.pid}/cwd`), `${clone}.worktrees/PAY-1`);
    assert.equal(await world.repository.git(['branch', '--show-current']), 'main');
    const session = (await shown('PAY-1')).find(({ id }) => id === entry.sessionId);
    assert.equal(session?.continues, old);
    assert.equal(session?.evidence, 'ledger');
    const record = await until(() => comments('PAY-1').find((text) => text.includes(entry.sessionId)), {
      what: 'the record is on the issue',
    });
    assert.match(record, new RegExp(`Continues: ?[^]*${old}`));
    const { stdout } = await world.cli(['show', 'PAY-1']);
    assert.match(stdout, new RegExp(`continues ${old.slice(0, 8)}`));
    await end(entry);
  });

  it('starts in the clone where the branch is wanted there, and only while that is clean', async () => {
    await world.inTerminal(['resume', 'PAY-2', '--from-documents', '--here']);
    const entry = await begun(/continue the work on PAY-2\.\n/);
    assert.equal(await readlink(`/proc/${entry.pid}/cwd`), clone);
    assert.equal(await world.repository.git(['branch', '--show-current']), 'task/PAY-2-analysis');
    const session = (await shown('PAY-2')).find(({ id }) => id === entry.sessionId);
    assert.equal(session?.continues, undefined);
    // Nobody asked for a record.
    assert.deepEqual(comments('PAY-2'), []);
    await end(entry);
    await writeFile(join(clone, 'docs/tasks/PAY-2/critic.md'), 'Changed by hand.\n');
    const refused = await world.inTerminal(['resume', 'PAY-3', '--from-documents', '--here']);
    assert.equal(await refused.exited, 1);
    assert.match(refused.output, /task\/PAY-3-analysis cannot be checked out in .* as it is \(dirty\)/);
    assert.equal(await world.repository.git(['branch', '--show-current']), 'task/PAY-2-analysis');
  });

  it('refuses where there is nothing to read', async () => {
    const { code, stderr } = await world.cli(['resume', 'PAY-4', '--from-documents', '--dry-run']);
    assert.equal(code, 1);
    assert.match(stderr, /PAY-4 has no documents on its branch/);
  });
});
