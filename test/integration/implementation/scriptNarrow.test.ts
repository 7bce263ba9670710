import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import type { ToolUse } from '../../bed/modelStub';
import { judge, makeNarrowBed, reading, writing } from '../runs/narrowBed';

const plan = 'docs/tasks/PAY-1/it’s [a] plan.md';

describe('what an implementation may do, with the real claude', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('reads and writes its worktree, reads what was approved, and is refused the rest', async () => {
    const parts = await makeNarrowBed(bed, { [plan]: 'as approved\n' });
    const { root, worktree, runDirectory, account } = parts;
    const approved = join(runDirectory, 'approved/plan.md');
    await mkdir(join(runDirectory, 'approved'));
    await writeFile(approved, 'as approved\n');
    await writeFile(join(runDirectory, 'run.sh'), 'exit\n');
    await writeFile(join(root, 'secret.txt'), 'secret\n');
    await symlink(root, join(worktree, 'outside'));
    // Homes are behind links at times.
    await rename(account.home, join(root, 'real home'));
    await symlink(join(root, 'real home'), account.home);
    const may: Record<string, ToolUse> = {
      code: writing(join(worktree, 'src/new.txt')),
      'code, relative': writing('src/other.txt'),
      'a new document': writing(join(worktree, 'docs/tasks/PAY-1/notes.md')),
      'reading what was approved': reading(approved),
      'a look around': bash('git status && ls src | head -2'),
      'a redirection': bash('echo x > src/redirected.txt'),
    };
    const mayNot: Record<string, ToolUse> = {
      'the approved plan on the branch': writing(join(worktree, plan)),
      'the approved plan, relative': writing(plan),
      'the approved plan, by the shell': bash(`echo x > "${plan}"`),
      'its copy in the run': writing(approved),
      'its copy, by the shell': bash(`echo x > '${approved}'`),
      'an answer to a check': writing(join(runDirectory, 'answer')),
      'reading the run': reading(join(runDirectory, 'run.sh')),
      'hooks of git': writing(join(worktree, '.git/hooks/post-checkout')),
      'settings of git, by the shell': bash('echo x >> .git/config'),
      "claude's settings": writing(join(worktree, '.claude/settings.json')),
      'servers of claude': writing(join(worktree, '.mcp.json')),
      'tasks of the editor': writing(join(worktree, '.vscode/tasks.json')),
      outside: writing(join(root, 'x.txt')),
      'through a link': writing(join(worktree, 'outside/x.txt')),
      'through a link, by the shell': bash('echo x > outside/x.txt'),
      'reading outside': reading(join(root, 'secret.txt')),
      'reading outside, by the shell': bash('cat ../secret.txt'),
      'a login file': bash('echo x >> ~/.profile'),
      'the environment': bash('env'),
      'of other processes': bash('ps auxe'),
      programs: bash('node -e 1'),
      'tests of the project': bash('npm test'),
      'the network': bash('curl http://127.0.0.1:1/'),
      'a push': bash('git push'),
      'another remote': bash('git ls-remote http://127.0.0.1:1/x'),
      'a command in a command': bash('ls $(id)'),
      'a pager': bash('git grep -O/usr/bin/id needle'),
      'taking away': bash('rm src/code.txt'),
    };
    const judged = await judge(parts, { ...may, ...mayNot }, { kind: 'implement', approved: [plan] });
    assert.deepEqual([judged.allowed, judged.denied], [Object.keys(may), Object.keys(mayNot)]);
    assert.equal(judged.init?.permissionMode, 'default');
    assert.equal(await readFile(join(worktree, plan), 'utf8'), 'as approved\n');
    assert.equal(existsSync(join(root, 'x.txt')), false);
  });

  it('may what the settings widen, and still not what was approved', async () => {
    const parts = await makeNarrowBed(bed, { [plan]: 'as approved\n' });
    const { worktree, runDirectory } = parts;
    const claude = { implementationAllow: ['Bash(rm *)', 'Edit'], implementationMode: 'acceptEdits' };
    const calls = {
      rm: bash('rm src/code.txt'),
      plan: writing(join(worktree, plan)),
      answer: writing(join(runDirectory, 'answer')),
    };
    const judged = await judge(parts, calls, { kind: 'implement', approved: [plan], claude });
    assert.deepEqual(judged.allowed, ['rm']);
  });
});

const bash = (command: string): ToolUse => ({ name: 'Bash', input: { command, description: 'x' } });
