import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Keeping } from '../../src/actions/session/keeping';
import { UserError } from '../../src/model/errors';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { makeClaudeAccount, printTurn, transcriptOf } from '../bed/claude';
import { output } from '../bed/command';
import { startModelStub } from '../bed/modelStub';
import { answer, begin, jsonl, user } from '../unit/claude/lines';
import { shellHost } from '../unit/claude/shellHost';
import { busyboxTools } from './busyboxTools';

const says = (words: RegExp) => (error: unknown) => error instanceof UserError && words.test(error.line);

const shells = [
  { name: 'sh', shell: ['sh'], busybox: false },
  { name: 'bash', shell: ['bash', '--posix'], busybox: false },
  { name: 'busybox', shell: ['busybox', 'sh'], busybox: true },
];

describe('kept copies of transcripts', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const { name, shell, busybox } of shells)
    describe(`in ${name}`, () => {
      let home: string;
      let project: string;
      let env: NodeJS.ProcessEnv;
      let keeping: Keeping;
      let source: ClaudeSource;
      let id: string;
      let file: string;
      const session = () => ({ id, host: 'test' });
      const store = (): string => join(home, '.local/state/task-sessions/kept/-srv-platform');

      beforeEach(async () => {
        const folder = await bed.folder('kept');
        home = join(folder, "it's home");
        project = join(home, '.claude/projects/-srv-platform');
        await mkdir(project, { recursive: true });
        const tools = busybox ? `${await busyboxTools(join(folder, 'tools'))}:` : '';
        env = { PATH: `${tools}${process.env['PATH']}`, HOME: home, TMUX_TMPDIR: folder };
        const host = shellHost(env, shell);
        keeping = new Keeping([host]);
        source = new ClaudeSource(host, { log: silentLog });
        begin();
        id = randomUUID();
        file = join(project, `${id}.jsonl`);
        await writeFile(file, jsonl(user('One'), answer(1)));
        await utimes(file, 1_700_000_000, 1_700_000_000);
      });

      it('copies what is there, for this account alone, and reports it without asking again', async () => {
        await mkdir(join(project, id, 'subagents'), { recursive: true });
        await writeFile(join(project, id, 'subagents/agent-1.jsonl'), 'sub');
        await writeFile(join(project, id, 'custom-title.json'), '{}');
        await symlink('/etc/passwd', join(project, id, 'link'));
        // Names that go over a line's end, and lead out of the folder where they are read as two.
        await mkdir(join(project, id, 'a\n..'));
        await writeFile(join(project, id, `a\n../${id}.jsonl`), 'not said');
        await writeFile(join(project, id, 'two\nlines.json'), '{}');
        await output(['mkfifo', join(project, id, 'pipe')]);
        assert.deepEqual((await source.report()).kept, []);
        const before = await tree(project);
        const { size } = await stat(file);
        const path = `-srv-platform/${id}.jsonl`;
        assert.deepEqual(await keeping.keep(session()), { how: 'new', path, size });
        assert.deepEqual(await tree(project), before, "something of Claude's was touched");
        assert.deepEqual(await tree(store()), [
          `${id} drwx------`,
          `${id}.jsonl -rw------- ${size}`,
          `${id}/custom-title.json -rw------- 2`,
          `${id}/subagents drwx------`,
          `${id}/subagents/agent-1.jsonl -rw------- 3`,
        ]);
        assert.equal(((await stat(dirname(store()))).mode & 0o777).toString(8), '700');
        const report = await source.report();
        assert.deepEqual(report.kept, [{ sessionId: id, path, size, modifiedAt: 1_700_000_000_000 }]);
        assert.equal((await source.report()).kept, report.kept);
      });

      it('grows with the transcript, and loses nothing where it is another', async () => {
        const how = async (): Promise<string> => (await keeping.keep(session())).how;
        const copy = join(store(), `${id}.jsonl`);
        const first = await readFile(file, 'utf8');
        assert.equal(await how(), 'new');
        assert.equal(await how(), 'unchanged');
        await appendFile(file, jsonl(user('Two')));
        assert.equal(await how(), 'updated');
        assert.equal(await readFile(copy, 'utf8'), await readFile(file, 'utf8'));
        const longest = await readFile(copy, 'utf8');
        await writeFile(file, first);
        assert.equal(await how(), 'longer');
        assert.equal(await readFile(copy, 'utf8'), longest);
        const other = jsonl(user('Quite another conversation. '.repeat(99))).toString();
        await writeFile(file, other);
        assert.equal(await how(), 'both');
        assert.equal(await readFile(copy, 'utf8'), other);
        assert.equal(await readFile(`${copy}.1`, 'utf8'), longest);
        await writeFile(file, first);
        assert.equal(await how(), 'both');
        assert.deepEqual((await readdir(store())).sort(), [`${id}.jsonl`, `${id}.jsonl.1`, `${id}.jsonl.2`]);
        assert.equal(await keeping.drop(session()), true);
        assert.equal(existsSync(store()), false);
        assert.equal(await keeping.drop(session()), false);
        assert.equal(await readFile(file, 'utf8'), first);
      });

      it('puts back what is gone, with a fresh time, and never over anything', async () => {
        await mkdir(join(project, id));
        await writeFile(join(project, id, 'custom-title.json'), '{"customTitle":"Old"}');
        await keeping.keep(session());
        await assert.rejects(keeping.putBack(session()), says(/still there/));
        const text = await readFile(file, 'utf8');
        // In another project and in other letters it is the same session.
        const elsewhere = join(home, '.claude/projects/-elsewhere');
        await mkdir(elsewhere);
        await rm(file);
        await writeFile(join(elsewhere, `${id.toUpperCase()}.jsonl`), '');
        await assert.rejects(keeping.putBack(session()), says(/still there: .*-elsewhere/));
        await rm(elsewhere, { recursive: true });

        await rm(project, { recursive: true });
        const started = Math.floor(Date.now() / 1000) * 1000;
        assert.deepEqual(await keeping.putBack(session()), { path: file });
        assert.equal(await readFile(file, 'utf8'), text);
        assert.ok((await stat(file)).mtimeMs >= started);
        assert.equal(await readFile(join(project, id, 'custom-title.json'), 'utf8'), '{"customTitle":"Old"}');
        assert.deepEqual((await readdir(project)).sort(), [id, `${id}.jsonl`]);
        const report = await source.report();
        assert.deepEqual([report.transcripts.map((one) => one.id), report.kept?.length], [[id], 1]);
      });

      it('takes the newest copy of several projects, and leaves what another wrote meanwhile', async () => {
        const other = join(home, '.claude/projects/-other');
        await mkdir(other);
        await writeFile(join(other, `${id}.jsonl`), jsonl(user('Newer')));
        await keeping.keep(session());
        await rm(file);
        await rm(other, { recursive: true });
        assert.equal((await source.report()).kept?.length, 2);
        const answers = await Promise.allSettled([1, 2, 3, 4].map(() => keeping.putBack(session())));
        assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
        assert.ok((await readFile(join(other, `${id}.jsonl`), 'utf8')).includes('Newer'));
        assert.deepEqual(await readdir(other), [`${id}.jsonl`]);
      });

      it('is put back once, and who comes too late learns that', async () => {
        await keeping.keep(session());
        await rm(file);
        // As by another window, at the last moment: when the copy is whole and about to get its name.
        const bin = join(home, 'late');
        await mkdir(bin);
        const script = `#!/bin/sh\n[ "$1" != -s ] && : >"$2"\nexit 1\n`;
        await writeFile(join(bin, 'ln'), script, { mode: 0o755 });
        const second = new Keeping([shellHost({ ...env, PATH: `${bin}:${env['PATH']}` }, shell)]);
        await assert.rejects(second.putBack(session()), says(/^Somebody just put \S+ back: .* on test/));
        assert.equal((await stat(file)).size, 0);
      });

      it('is whole while the transcript is being written', async () => {
        const line = jsonl(user('More of it'.repeat(500)));
        const done = new AbortController();
        const write = async (): Promise<void> => {
          for (; !done.signal.aborted; await delay(1)) await appendFile(file, line);
        };
        const written = write();
        const sizes: number[] = [];
        try {
          for (let i = 0; i < 8; i++) {
            await Promise.all([keeping.keep(session()), keeping.keep(session())]);
            sizes.push((await stat(join(store(), `${id}.jsonl`))).size);
          }
        } finally {
          done.abort();
          await written;
        }
        const whole = await readFile(file);
        const copy = await readFile(join(store(), `${id}.jsonl`));
        assert.deepEqual(copy, whole.subarray(0, copy.length));
        assert.deepEqual(await readdir(store()), [`${id}.jsonl`]);
        assert.ok(sizes[0]! < sizes.at(-1)!, String(sizes));
      });

      it('says what is in the way', async () => {
        await assert.rejects(keeping.keep({ id: randomUUID(), host: 'test' }), says(/has no transcript of/));
        await assert.rejects(keeping.putBack({ id: randomUUID(), host: 'test' }), says(/has no copy of/));
        await assert.rejects(
          keeping.keep({ id, host: 'nowhere' }),
          says(/"nowhere" is not one of your hosts/),
        );
        await assert.rejects(keeping.keep({ id: '../../x', host: 'test' }), says(/has no transcript of/));
        // A disk that is nearly full, as its tool tells it.
        const bin = join(home, 'bin');
        await mkdir(bin);
        await writeFile(join(bin, 'df'), '#!/bin/sh\necho Filesystem\necho "/dev/x 1 1 1024 99% /"\n', {
          mode: 0o755,
        });
        const full = new Keeping([shellHost({ ...env, PATH: `${bin}:${env['PATH']}` }, shell)]);
        await assert.rejects(
          full.keep(session()),
          says(/no room for the 1 MB of .*: 1 MB are free\. Free some/),
        );
        assert.deepEqual(await readdir(store()), []);
        // A store that cannot be one.
        await rm(dirname(store()), { recursive: true });
        await writeFile(dirname(store()), '');
        await assert.rejects(
          keeping.keep(session()),
          says(/could not be kept on test: .*Not a directory|File exists/),
        );
        await chmod(dirname(store()), 0o600);
      });
    });

  it('brings a session back that the real claude resumes', async () => {
    const folder = await bed.folder('kept');
    const cwd = join(folder, 'project');
    await mkdir(cwd);
    const stub = await bed.add(startModelStub());
    const account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [cwd] });
    const keeping = new Keeping([shellHost({ ...account.env, TMUX_TMPDIR: folder })]);
    const sessionId = randomUUID();
    stub.say('The number is 42.', 'Still 42.');
    await printTurn(account, { sessionId, cwd, prompt: 'Remember the number 42' });
    const file = (await transcriptOf(account, sessionId)) ?? '';
    const session = { id: sessionId, host: 'test' };
    await keeping.keep(session);
    await rm(dirname(file), { recursive: true });
    await assert.rejects(
      printTurn(account, { sessionId, cwd, prompt: 'Which?', resume: true }),
      /No conversation found/,
    );
    assert.deepEqual(await keeping.putBack(session), { path: file });
    assert.equal(await printTurn(account, { sessionId, cwd, prompt: 'Which?', resume: true }), 'Still 42.');
    assert.ok(JSON.stringify(stub.requests.at(-1)?.body.messages).includes('Remember the number 42'));
    assert.equal((await keeping.keep(session)).how, 'updated');
  });
});

/** Names, modes and sizes below a folder, and of plain files whether they were written. */
async function tree(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mode, size } = await stat(join(folder, name));
      const letters = [8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (mode & (1 << bit) ? 'xwr'[bit % 3] : '-'));
      const folderLike = (mode & 0o170000) === 0o040000;
      return `${name} ${folderLike ? 'd' : '-'}${letters.join('')}${folderLike ? '' : ` ${size}`}`;
    }),
  );
}
