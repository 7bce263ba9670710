import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { installClaude, makeClaudeAccount, printTurn, startTui, transcriptOf } from '../bed/claude';
import type { ClaudeAccount } from '../bed/claude';
import { output, run } from '../bed/command';
import { makeRepository } from '../bed/git';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { deadHost, hangingHost, startSsh } from '../bed/sshd';
import type { Ssh } from '../bed/sshd';
import { makeTmux } from '../bed/tmux';
import { until } from '../bed/until';

interface TranscriptLine {
  type: string;
  cwd?: string;
  message?: { usage?: { input_tokens: number } };
}

describe('test bed: claude', () => {
  const bed = new Bed();
  let stub: ModelStub;
  let account: ClaudeAccount;
  let project: string;

  before(async () => {
    const folder = await bed.folder('claude');
    project = join(folder, 'project');
    await mkdir(project);
    stub = await bed.add(startModelStub());
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [project] });
  });
  after(() => bed.dispose());

  async function transcript(sessionId: string): Promise<TranscriptLine[]> {
    const file = await transcriptOf(account, sessionId);
    assert.ok(file, `no transcript of ${sessionId}`);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as TranscriptLine);
  }

  it('writes a transcript of the turns that the stub answers, tools included', async () => {
    const sessionId = randomUUID();
    const file = join(project, 'task_desc.md');
    stub.say(
      {
        text: 'I write it down.',
        tools: [{ name: 'Write', input: { file_path: file, content: '# Refunds\n' } }],
      },
      { text: 'Written.', usage: { input_tokens: 4321 } },
    );
    const args = ['--permission-mode', 'acceptEdits'];
    const answer = await printTurn(account, { sessionId, cwd: project, prompt: 'Describe the task', args });
    assert.equal(answer, 'Written.');
    assert.equal(await readFile(file, 'utf8'), '# Refunds\n');
    assert.deepEqual(
      stub.requests.map(({ prompt, isToolResult }) => ({ prompt, isToolResult })),
      [
        { prompt: 'Describe the task', isToolResult: false },
        { prompt: '', isToolResult: true },
      ],
    );
    const turns = (await transcript(sessionId)).filter(({ type }) => type === 'assistant');
    assert.equal(turns.at(-1)?.message?.usage?.input_tokens, 4321);
    assert.equal(turns.at(-1)?.cwd, project);
  });

  it('resumes into the same transcript', async () => {
    const sessionId = randomUUID();
    stub.say('One.', 'Two.');
    await printTurn(account, { sessionId, cwd: project, prompt: 'First' });
    assert.equal(
      await printTurn(account, { sessionId, cwd: project, prompt: 'Second', resume: true }),
      'Two.',
    );
    assert.equal((await transcript(sessionId)).filter(({ type }) => type === 'assistant').length, 2);
  });

  for (const [error, message] of [
    ['unauthorized', /Invalid API key/],
    ['rateLimited', /429/],
    ['overloaded', /529 Overloaded/],
    ['promptTooLong', /Prompt is too long/],
    ['creditTooLow', /Credit balance is too low/],
  ] as const)
    it(`fails as the API does: ${error}`, async () => {
      stub.respond(() => ({ error }));
      try {
        await assert.rejects(
          printTurn(account, { sessionId: randomUUID(), cwd: project, prompt: 'Hm' }),
          message,
        );
      } finally {
        stub.respond(() => undefined);
      }
    });

  it('shows in a terminal, in the live registry, what it is doing', async () => {
    const tmux = await bed.add(makeTmux(join(account.home, 'tmux')));
    const sessionId = randomUUID();
    const tui = await startTui(account, tmux, {
      name: 'PAY-1',
      cwd: project,
      args: ['--session-id', sessionId],
    });
    assert.equal((await tui.reaches('idle')).sessionId, sessionId);

    stub.say({ text: 'A slow answer.', delayMs: 300 });
    await tui.type('Think');
    await tui.reaches('idle');
    await until(async () => (await tui.screen()).includes('A slow answer.'), {
      what: 'the answer is on the screen',
    });

    const option = { label: 'Yes', description: 'Do' };
    const question = {
      question: 'Refund?',
      header: 'Refund',
      multiSelect: false,
      options: [option, { ...option, label: 'No' }],
    };
    stub.say({ tools: [{ name: 'AskUserQuestion', input: { questions: [question] } }] });
    await tui.type('Ask me');
    const { pid, waitingFor } = await tui.reaches('waiting');
    assert.equal(waitingFor, 'input needed');

    await tmux.dispose();
    await until(() => !existsSync(`/proc/${pid}`), { what: 'claude is gone' });
  });
});

describe('test bed: ssh', () => {
  const bed = new Bed();
  let ssh: Ssh<'devserver' | 'fishbowl'>;

  before(async () => {
    const folder = await bed.folder('ssh');
    ssh = await bed.add(startSsh(folder, { devserver: {}, fishbowl: { shell: '/usr/bin/fish' } }));
    const stub = await bed.add(startModelStub());
    for (const { home } of Object.values(ssh.hosts))
      await installClaude(await makeClaudeAccount({ home, stub }), join(home, '.local/bin'));
  });
  after(() => bed.dispose());

  for (const host of ['devserver', 'fishbowl'] as const) {
    it(`gives ${host} a home of its own`, async () => {
      const { home } = ssh.hosts[host];
      assert.equal((await ssh.run(host, 'echo $HOME; pwd')).stdout, `${home}\n${home}\n`);
    });

    it(`finds claude on ${host} through the login shell only`, async () => {
      assert.equal((await ssh.run(host, 'claude --version')).code, 127);
      assert.match(
        (await ssh.run(host, '$SHELL -lc "claude --version"')).stdout,
        /^2\.\d+\.\d+ \(Claude Code\)/,
      );
    });
  }

  it('runs a script from stdin and passes its exit code on', async () => {
    const { code, stdout } = await ssh.run('devserver', 'exec sh -s', { input: 'echo "it\'s"; exit 7\n' });
    assert.deepEqual({ code, stdout }, { code: 7, stdout: "it's\n" });
  });

  it('runs a turn of claude on the host, against the stub', async () => {
    const command = '$SHELL -lc "claude -p --output-format text Hello"';
    const { stdout, stderr } = await ssh.run('devserver', command, { input: '' });
    assert.equal(stdout, 'OK.\n', stderr);
  });

  it('keeps the tmux servers of the hosts apart', async () => {
    const list = 'tmux -L task-sessions list-sessions -F "#{session_name}"';
    await ssh.run('devserver', 'tmux -L task-sessions -f /dev/null new-session -d -s PAY-1');
    assert.equal((await ssh.run('devserver', list)).stdout, 'PAY-1\n');
    assert.equal((await ssh.run('fishbowl', list)).code, 1);
    assert.match((await ssh.hosts.devserver.tmux.run(['list-sessions'])).stdout, /^PAY-1:/);
  });

  it('has a host that refuses and one that never speaks', async () => {
    assert.match((await ssh.run(deadHost, 'true')).stderr, /Connection refused/);
    const hanging = await ssh.run(hangingHost, 'true', { options: ['-o', 'ConnectTimeout=1'] });
    assert.match(hanging.stderr, /timed out during banner exchange/);
  });

  it('loses the connection when the proxy cuts it', async () => {
    const { proxy } = ssh.hosts.devserver;
    const { received } = proxy.counts;
    const lost = ssh.run('devserver', 'echo started; exec sleep 60');
    await until(() => proxy.counts.received > received + 2000, { what: 'the command runs' });
    proxy.cut();
    assert.equal((await lost).code, 255);
  });
});

describe('test bed: git', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('has task branches on origin only, with their documents', async () => {
    const repository = await makeRepository(await bed.folder('git'), {
      tasks: [
        { key: 'PAY-1', docs: { 'task_desc.md': '# One\n' }, later: [{ 'critic.md': 'Hm.\n' }] },
        { key: 'PAY-2', branch: 'feature/two', docs: { 'notes/solution_options.md': '# Two\n' } },
        { key: 'PAY-3', docs: { 'task_desc.md': '# Three\n' } },
      ],
      localOnly: ['PAY-3'],
    });
    const refs = await repository.git(['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/remotes']);
    assert.deepEqual(refs.split('\n'), [
      'refs/heads/main',
      'refs/heads/task/PAY-3-analysis',
      'refs/remotes/origin/HEAD',
      'refs/remotes/origin/feature/two',
      'refs/remotes/origin/main',
      'refs/remotes/origin/task/PAY-1-analysis',
    ]);
    const shown = await repository.git(['show', 'origin/task/PAY-1-analysis:docs/tasks/PAY-1/critic.md']);
    assert.equal(shown, 'Hm.');
    assert.equal(await repository.git(['show', 'origin/feature/two:notes/solution_options.md']), '# Two');
    assert.equal(await repository.git(['status', '--porcelain']), '');

    const made = await repository.commitUpstream('feature/two', { 'notes/critic.md': 'No.\n' }, 'Criticize');
    assert.notEqual(await repository.git(['rev-parse', 'origin/feature/two']), made);
    await repository.git(['fetch', '--quiet']);
    assert.equal(await repository.git(['rev-parse', 'origin/feature/two']), made);
  });
});

describe('test bed: disposal', () => {
  it('ends what detached itself from a scratch folder', async function () {
    if (process.platform !== 'linux') return;
    const bed = new Bed();
    const folder = await bed.folder('gone');
    const script = join(folder, 'detach');
    await writeFile(script, 'setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!\n');
    const pid = (await output(['sh', script], { env: { PATH: process.env['PATH'], HOME: folder } })).trim();
    const sleeps = async (): Promise<boolean> =>
      (await run(['ps', '-o', 'args=', '-p', pid])).stdout.startsWith('sleep');
    await until(sleeps, { what: 'it runs' });
    await bed.dispose();
    await until(async () => !(await sleeps()), { what: 'it is gone' });
    assert.ok(!existsSync(folder));
  });
});
