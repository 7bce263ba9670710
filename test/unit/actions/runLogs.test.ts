import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLogs, RunLogs } from '../../../src/actions/run/runLogs';
import { UserError } from '../../../src/model/errors';
import { runFolder } from '../../../src/model/run/folder';
import { shellHost } from '../claude/shellHost';
import { id } from '../model/examples';

describe('logs of a run', () => {
  let home = '';
  before(async () => (home = await mkdtemp(join(tmpdir(), 'logs-'))));
  after(() => rm(home, { recursive: true, force: true }));

  const logs = (): RunLogs => new RunLogs([shellHost({ PATH: process.env['PATH'], HOME: home })]);

  it('are those of the newest checks too, and not all of them', async () => {
    const folder = runFolder(home, id(3));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'run.jsonl'), '{}\n');
    for (let n = 1; n <= 12; n++) {
      await writeFile(join(folder, `check-${n}.log`), `$ npm test\n${n} failing\n`);
      await utimes(join(folder, `check-${n}.log`), n, n);
    }
    const names = (await logs().read({ id: id(3), host: 'test' })).map(({ name }) => name);
    assert.deepEqual(names, ['run.jsonl', ...[12, 11, 10, 9, 8, 7, 6, 5].map((n) => `check-${n}.log`)]);
  });

  it('are its own file and what was said on stderr, from their ends; no link is followed', async () => {
    const folder = runFolder(home, id(1));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'run.jsonl'), '{"step":"run"}\n{"step":"wait","text":"ä 1 2"}\n');
    await writeFile(join(folder, 'analysis.err'), `${'x'.repeat(70_000)}the end\n`);
    await writeFile(join(folder, 'review.err'), '');
    await writeFile(join(folder, 'run.json'), '{}');
    await symlink('/etc/passwd', join(folder, 'documents.err'));
    const [own, err, ...others] = await logs().read({ id: id(1), host: 'test' });
    assert.deepEqual(own, {
      name: 'run.jsonl',
      text: '{"step":"run"}\n{"step":"wait","text":"ä 1 2"}\n',
      size: 47,
      cut: false,
    });
    assert.equal(err?.name, 'analysis.err');
    assert.equal(err?.text.length, 65_536);
    assert.ok(err?.text.endsWith('the end\n') && err.cut && err.size === 70_008);
    assert.deepEqual(others, []);
  });

  it('are refused in words where there is no folder, and no id', async () => {
    await assert.rejects(logs().read({ id: id(2), host: 'test' }), UserError);
    const outside = join(runFolder(home, id(1)), '../../outside');
    await mkdir(outside, { recursive: true });
    await writeFile(join(outside, 'run.jsonl'), 'not a run\n');
    await assert.rejects(logs().read({ id: '../outside', host: 'test' }), UserError);
    await assert.rejects(logs().read({ id: id(1), host: 'nowhere' }), UserError);
  });

  it('end where the answer does not fit', () => {
    assert.deepEqual(parseLogs(Buffer.from('a 2 2\nhi\nand so on\n')), [
      { name: 'a', text: 'hi', size: 2, cut: false },
    ]);
  });
});
