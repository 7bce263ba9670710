import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { requestsFolder, type ApprovalRequest } from '../../../src/model/gate/request/request';
import { ClaudeSource } from '../../../src/sources/claude/hostReport';
import { markDone } from '../../../src/sources/requests/mark';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { makeClaudeAccount, printTurn } from '../../bed/claude';
import { output, run } from '../../bed/command';
import { makeRepository } from '../../bed/git';
import { startModelStub } from '../../bed/modelStub';
import { id } from '../../unit/model/examples';
import { loggingHost } from '../../unit/claude/loggingHost';
import { hostShells } from '../hostShells';

const skill = resolve(__dirname, '../../../media/skill/request-approval');
const script = join(skill, 'request.sh');

describe('A request from within a session', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const { name, shell, tools } of hostShells)
    it(`is written and read in ${name}, and neither links nor pipes are followed`, async () => {
      const root = await bed.folder('ask');
      const home = join(root, "it's [home] $HOME");
      await mkdir(join(home, '.claude'), { recursive: true });
      const path = process.env['PATH'];
      const env = { PATH: tools ? `${await tools(join(root, 'tools'))}:${path}` : path, HOME: home };
      const { clone: directory } = await makeRepository(join(root, 'git'), { tasks: [] });
      const ask = (args: string[], session = id(1)) =>
        run([...shell, script, ...args], {
          cwd: directory,
          env: { ...env, ...(session && { CLAUDE_CODE_SESSION_ID: session }) },
        });
      const host = loggingHost({ ...env, TMUX_TMPDIR: root }, [], shell);
      const source = new ClaudeSource(host, { log: silentLog });
      const told = async (): Promise<readonly ApprovalRequest[]> => (await source.report()).requests ?? [];
      assert.deepEqual(await told(), []);

      const note = 'a "b" \\ `id` $(id)\n\u0007é';
      const asked = await ask(['--note', note, 'PAY-1']);
      assert.equal(asked.code, 0, asked.stderr);
      assert.match(asked.stdout, /^Approval is requested\..*\n$/);
      assert.equal(asked.stderr, '');
      const [request, ...others] = await told();
      assert.deepEqual(others, []);
      const head = (await output(['git', 'rev-parse', 'HEAD'], { cwd: directory })).trim();
      assert.deepEqual(request, {
        id: request!.id,
        sessionId: id(1),
        key: 'PAY-1',
        directory,
        branch: 'main',
        commit: head,
        note: 'a "b" \\ `id` $(id) é',
        at: request!.at,
      });
      const folder = join(home, requestsFolder);
      assert.deepEqual(await readdir(folder), [`${request.id}.json`]);
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      assert.equal((await stat(join(folder, `${request.id}.json`))).mode & 0o777, 0o600);

      await writeFile(join(directory, 'task_desc.md'), 'not committed');
      const second = await ask(['--json'], '');
      assert.match(second.stderr, /1 Markdown file is not committed/);
      const written = JSON.parse(second.stdout) as { sessionId?: string; id: string };
      assert.equal(written.sessionId, undefined);

      const whole = await readFile(join(folder, `${request.id}.json`), 'utf8');
      const other = (named: string): string => whole.replaceAll(request.id, named);
      const [link, pipe, long, old, bad] = [1, 2, 3, 4, 5].map(() => randomUUID());
      await writeFile(join(root, 'elsewhere.json'), other(link!));
      await symlink(join(root, 'elsewhere.json'), join(folder, `${link}.json`));
      await output(['mkfifo', join(folder, `${pipe}.json`)]);
      await writeFile(join(folder, `${long}.json`), other(long!) + ' '.repeat(20_000));
      await writeFile(join(folder, `${old}.json`), other(old!));
      await utimes(join(folder, `${old}.json`), 1_500_000_000, 1_500_000_000);
      await writeFile(join(folder, `${bad}.json`), '{"schema":1');
      const both = await told();
      assert.deepEqual(new Set(both.map((one) => one.id)), new Set([request.id, written.id]));

      const { calls, traceBytes } = host;
      assert.equal(await told(), both, 'unchanged, it is the same list');
      assert.equal(host.calls - calls, 1);
      assert.ok(host.traceBytes - traceBytes < 200, `${host.traceBytes - traceBytes} bytes`);

      await markDone(host, [request.id]);
      await markDone(host, [request.id]);
      assert.deepEqual(
        (await told()).map((one) => one.id),
        [written.id],
      );
      await rename(folder, `${folder}.away`);
      assert.deepEqual(await told(), []);
    });

  it('says what is wrong where it cannot be written, and with which words', async () => {
    const home = await bed.folder('ask');
    await writeFile(join(home, '.local'), 'a file');
    const env = { PATH: process.env['PATH'], HOME: home };
    const refused = await run(['sh', script], { cwd: home, env });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /The last commit|no Git repository/);
    assert.match(refused.stderr, /The request cannot be written to .*requests\. Make room/);
    for (const args of [['pay-1'], ['--note'], ['--approve'], ['PAY-1', 'PAY-2']])
      assert.equal((await run(['sh', script, ...args], { cwd: home, env })).code, 2, args.join(' '));
  });

  it('names the session of the real Claude that uses the skill', async () => {
    const stub = await bed.add(startModelStub());
    const home = await bed.folder('home');
    const { clone: directory } = await makeRepository(join(home, 'git'), { tasks: [] });
    const account = await makeClaudeAccount({ home, stub, trusted: [directory] });
    const installed = join(home, '.claude/skills/request-approval');
    await mkdir(installed, { recursive: true });
    for (const file of ['SKILL.md', 'request.sh'])
      await writeFile(join(installed, file), await readFile(join(skill, file)));
    const sessionId = randomUUID();
    stub.say(
      { tools: [{ name: 'Bash', input: { command: `sh "${installed}/request.sh" --note "Plan B"` } }] },
      'Asked.',
    );
    // Nothing is allowed but what the skill itself allows.
    assert.equal(
      await printTurn(account, { sessionId, cwd: directory, prompt: '/request-approval' }),
      'Asked.',
    );
    const shown = JSON.stringify(stub.requests.map(({ body }) => body.messages));
    assert.ok(shown.includes('Only a person approves'), 'the skill is found');
    const folder = join(home, requestsFolder);
    const [file] = await readdir(folder).catch(() => [] as string[]);
    assert.ok(file, `no request: ${shown.slice(-2000)}`);
    const written = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
    assert.equal(written['sessionId'], sessionId);
    assert.equal(written['note'], 'Plan B');
    assert.equal(written['directory'], directory);
  });
});
