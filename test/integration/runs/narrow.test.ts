import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { judge, makeNarrowBed, reading, writing } from './narrowBed';

const docs = 'docs/tasks/PAY-1';

describe('the narrow flags of a run, with the real claude', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('lets an analysis read and search its worktree and write its documents, and nothing else', async () => {
    const parts = await makeNarrowBed(bed);
    const { root, worktree, account } = parts;
    const folder = join(worktree, docs);
    const outside = join(root, 'secret.txt');
    await mkdir(join(worktree, 'docs'), { recursive: true });
    await writeFile(outside, 'a needle\n');
    const memory = join(
      account.home,
      '.claude/projects',
      worktree.replaceAll(/[^A-Za-z0-9]/g, '-'),
      'memory',
    );
    const may = {
      document: writing(join(folder, 'task_desc.md')),
      'a new folder below': writing(join(folder, 'more/x.md')),
      'a relative path': writing(`${docs}/solution_options.md`),
      'reading code': reading(join(worktree, 'src/code.txt')),
      'searching code': { name: 'Grep', input: { pattern: 'needle' } },
      'finding files': { name: 'Glob', input: { pattern: '**/*.txt' } },
    };
    const mayNot = {
      code: writing(join(worktree, 'src/code2.txt')),
      'beside the documents': writing(join(worktree, 'docs/tasks/x.md')),
      'a name that begins alike': writing(join(worktree, 'docs/tasks/PAY-10/x.md')),
      'the same folder elsewhere': writing(join(worktree, 'src', docs, 'x.md')),
      'through ..': writing(`${folder}/../x.md`),
      'outside the worktree': writing(join(root, 'x.md')),
      'a login file': writing(join(account.home, '.profile')),
      "claude's settings": writing(join(account.home, '.claude/settings.json')),
      "claude's memory": writing(join(memory, 'MEMORY.md')),
      "the repository's settings": writing(join(worktree, '.claude/settings.json')),
      'settings among the documents': writing(join(folder, '.claude/settings.json')),
      'reading outside': reading(outside),
      'reading outside, relative': reading('../secret.txt'),
      'searching outside': { name: 'Grep', input: { pattern: 'needle', path: root } },
      'finding files outside': { name: 'Glob', input: { pattern: '*.txt', path: root } },
      'reading the account': reading(join(account.home, '.claude.json')),
      Bash: { name: 'Bash', input: { command: `touch ${join(root, 'bash')}`, description: 'x' } },
      WebFetch: { name: 'WebFetch', input: { url: 'http://127.0.0.1:1/', prompt: 'x' } },
      Task: { name: 'Task', input: { prompt: 'x', description: 'x', subagent_type: 'general-purpose' } },
      Agent: { name: 'Agent', input: { prompt: 'x', description: 'x', subagent_type: 'general-purpose' } },
    };
    const judged = await judge(parts, { ...may, ...mayNot });
    assert.deepEqual([judged.allowed, judged.denied], [Object.keys(may), Object.keys(mayNot)]);
    assert.deepEqual(judged.init?.tools, ['Edit', 'Glob', 'Grep', 'Read', 'Write']);
    assert.equal(judged.init?.permissionMode, 'default');
    assert.equal(existsSync(join(root, 'bash')), false);
    // What was refused is told in the result, which is a success all the same.
    assert.equal(judged.result?.is_error, false);
    assert.deepEqual(
      [...new Set(judged.result?.permission_denials.map(({ tool_name }) => tool_name))].sort(),
      ['Glob', 'Grep', 'Read', 'Write'],
    );
  });

  it('follows no symlink out of the documents', async () => {
    const parts = await makeNarrowBed(bed);
    const { root, worktree } = parts;
    const folder = join(worktree, docs);
    await mkdir(folder, { recursive: true });
    await writeFile(join(root, 'secret.txt'), 'secret\n');
    await symlink(join(worktree, 'src'), join(folder, 'inside'));
    await symlink(root, join(folder, 'outside'));
    await symlink(join(root, 'new.txt'), join(folder, 'critic.md'));
    await symlink(join(root, 'secret.txt'), join(worktree, 'link.txt'));
    const calls = {
      'a folder of the worktree': writing(join(folder, 'inside/x.md')),
      'a folder outside': writing(join(folder, 'outside/x.md')),
      'a document that is a link': writing(join(folder, 'critic.md')),
      'reading a link': reading(join(worktree, 'link.txt')),
      'reading through a link': reading(join(folder, 'outside/secret.txt')),
      'searching through a link': {
        name: 'Grep',
        input: { pattern: 'secret', path: join(folder, 'outside') },
      },
    };
    assert.deepEqual((await judge(parts, calls)).allowed, []);
    // The repository makes the folder of the documents itself a link.
    await symlink(join(root, 'home'), join(worktree, 'docs/tasks/PAY-2'));
    const linked = { 'the folder': writing(join(worktree, 'docs/tasks/PAY-2/x.md')) };
    assert.deepEqual((await judge(parts, linked, { docs: 'docs/tasks/PAY-2' })).allowed, []);
    assert.equal(existsSync(join(root, 'new.txt')), false);
  });

  it('works in a worktree and a home behind symlinks', async () => {
    const parts = await makeNarrowBed(bed);
    const { root, worktree, runDirectory, account } = parts;
    const other = join(root, 'other way');
    await symlink(worktree, other);
    const calls = {
      given: writing(join(other, docs, 'a.md')),
      real: writing(join(worktree, docs, 'b.md')),
      relative: writing(`${docs}/c.md`),
      code: writing(join(other, 'src/x.txt')),
    };
    const judged = await judge(parts, calls, { worktree: other });
    assert.deepEqual(judged.denied, ['code']);
    await rename(account.home, join(root, 'real home'));
    await symlink(join(root, 'real home'), account.home);
    const review = {
      given: writing(join(runDirectory, 'review/critic.md')),
      run: writing(join(runDirectory, 'run.sh')),
    };
    assert.deepEqual((await judge(parts, review, { kind: 'review' })).allowed, ['given']);
  });

  for (const folder of [
    'my docs/PAY 1',
    'docs/[a]{b}/(c) d)',
    'docs/!x #y',
    '#x',
    '!x',
    "docs/it's $(id) `x`",
    'docs/a,b',
    'doc"q/é日本',
    '.github/docs',
    '@x/docs',
  ])
    it(`takes documents in ${folder}, and there only`, async () => {
      const parts = await makeNarrowBed(bed);
      const { worktree } = parts;
      const calls = {
        document: writing(join(worktree, folder, 'a.md')),
        relative: writing(join(folder, 'b.md')),
        above: writing(join(worktree, 'x.md')),
        below: writing(join(worktree, 'src', folder, 'x.md')),
        'like a pattern': writing(join(worktree, folder.replace('[a]', 'a').replace(/^[#!]/, ''), '../x.md')),
      };
      assert.deepEqual((await judge(parts, calls, { docs: folder })).allowed, ['document', 'relative']);
    });

  it('lets the critic see and write its own directory only, whatever an analysis may', async () => {
    const parts = await makeNarrowBed(bed);
    const { worktree, runDirectory, account } = parts;
    await writeFile(join(runDirectory, 'review/task_desc.md'), 'needle\n');
    await writeFile(join(runDirectory, 'run.json'), '{}\n');
    const may = {
      reading: reading(join(runDirectory, 'review/task_desc.md')),
      searching: { name: 'Grep', input: { pattern: 'needle' } },
      writing: writing(join(runDirectory, 'review/critic.md')),
    };
    const mayNot = {
      "the run's folder": writing(join(runDirectory, 'run.sh')),
      'reading the run': reading('../run.json'),
      'reading code': reading(join(worktree, 'src/code.txt')),
      'searching code': { name: 'Grep', input: { pattern: 'needle', path: worktree } },
      'a document on the branch': writing(join(worktree, docs, 'task_desc.md')),
      home: writing(join(account.home, 'x.md')),
      Bash: { name: 'Bash', input: { command: 'id', description: 'x' } },
    };
    const claude = {
      analysisTools: ['Read', 'Write', 'Bash'],
      analysisAllow: ['Bash', 'Edit'],
      analysisMode: 'acceptEdits',
    };
    const judged = await judge(parts, { ...may, ...mayNot }, { kind: 'review', claude });
    assert.deepEqual([judged.allowed, judged.denied], [Object.keys(may), Object.keys(mayNot)]);
    assert.equal(judged.init?.permissionMode, 'default');
  });
});
