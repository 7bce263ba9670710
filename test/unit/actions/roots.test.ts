import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDirectory } from '../../../src/actions/session/resume/checks/hostChecks';
import type { Inquiry } from '../../../src/actions/session/resume/inquiry';
import { shellOf } from '../../../src/actions/session/resume/openings';
import { allowedDirectory, isNamedUnder, rootsOf } from '../../../src/actions/session/resume/checks/roots';
import { LocalHost } from '../../../src/hosts/local';
import { settingsSchema } from '../../../src/model/settings';
import { silentLog } from '../../../src/util/log';
import { output } from '../../bed/command';
import { id, report, session as sessionOf, transcript } from '../model/examples';

describe('the roots of a host', () => {
  const worktrees = (repository: string, directory: string): string[] => {
    const settings = settingsSchema.parse({ worktrees: { directory } });
    return rootsOf(settings, { local: false, settings: { ...settings.local, repository } }).slice(1);
  };

  it('are its own, its repositories and where their worktrees go', () => {
    const settings = settingsSchema.parse({
      repository: '/home/dana/one',
      repositories: { two: { directory: '~/two' }, three: { projects: ['X'] } },
      local: { roots: ['~/src'], repository: { two: '/srv/two' } },
      hosts: { devserver: { ssh: 'dev', roots: ['/srv/'], repository: '/data/platform' } },
    });
    assert.deepEqual(rootsOf(settings, { local: true, settings: settings.local }), [
      '~/src',
      '/srv/two',
      '/home/dana/one',
      '~/two',
      '/srv/two.worktrees',
      '/home/dana/one.worktrees',
      '~/two.worktrees',
    ]);
    assert.deepEqual(rootsOf(settings, { local: false, settings: settings.hosts['devserver']! }), [
      '/srv/',
      '/data/platform',
      '/data/platform.worktrees',
    ]);
  });

  for (const [repository, directory, expected] of [
    ['/srv/platform', '../${repository}.worktrees', ['/srv/platform.worktrees']],
    ['/srv/platform', '../trees/${key}', ['/srv/trees']],
    ['/srv/platform', '~/trees/a-${key}/x', ['~/trees']],
    // The repository's neighbours are nobody's worktrees.
    ['/srv/platform', '../${key}', []],
    ['/srv/platform', '..', []],
    ['/srv/platform', '~', []],
    ['/srv/platform', '/', []],
    ['/srv/platform', '../../../../..', []],
  ] as const)
    it(`${directory} beside ${repository}`, () =>
      assert.deepEqual(worktrees(repository, directory), expected));

  for (const [directory, root, expected] of [
    ['/srv/a', '/srv', true],
    ['/srv/a', '/srv/', true],
    ['/srv', '/srv/', true],
    ['/srv2', '/srv', false],
    ['/anything', '/', true],
    ['/home/dana/src/a', '~/src', true],
    ['/home/dana/other', '~/src', false],
    ['/home/dana', '~', true],
  ] as const)
    it(`${directory} is ${expected ? '' : 'not '}named under ${root}`, () =>
      assert.equal(isNamedUnder(directory, [root], '/home/dana'), expected));
});

describe('a directory that only a record names', () => {
  let folder: string;
  let home: string;
  let host: LocalHost;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ts-')));
    home = join(folder, 'home');
    for (const path of ['home/src/it’s $(touch PWNED)', 'secret', 'src2', 'elsewhere'])
      await mkdir(join(folder, path), { recursive: true });
    await symlink(join(folder, 'secret'), join(home, 'src/link'));
    await symlink(join(home, 'src'), join(folder, 'alias'));
    const git = (...args: string[]): Promise<unknown> =>
      output(['git', '-c', 'user.name=d', '-c', 'user.email=d@x', ...args], { cwd: home });
    await git('init', '--quiet', 'repository');
    await git('-C', 'repository', 'commit', '--quiet', '--allow-empty', '-m', 'x');
    await git('-C', 'repository', 'worktree', 'add', '--quiet', '--detach', join(folder, 'elsewhere/tree'));
    host = new LocalHost({
      name: 'laptop',
      settings: settingsSchema.parse({}).local,
      log: silentLog,
      env: { PATH: process.env['PATH'], HOME: home },
    });
  });
  after(() => host.dispose());
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [directory, root, expected] of [
    ['home/src', '~/src', 'allowed'],
    ['home/src', '~/src/', 'allowed'],
    ['home/src', '~', 'allowed'],
    ['home/src/it’s $(touch PWNED)', '~/src', 'allowed'],
    ['alias', '~/src', 'allowed'],
    ['home/src', '{}/alias', 'allowed'],
    ['secret', '/', 'allowed'],
    ['home/src/link', '~/src', 'outside'],
    ['secret', '~/src', 'outside'],
    ['src2', '{}/src', 'outside'],
    ['src2', '~/missing', 'outside'],
    ['elsewhere/tree', '~/repository', 'allowed'],
    ['elsewhere', '~/repository', 'outside'],
    ['home/missing', '~', 'gone'],
  ] as const)
    it(`${directory} under ${root}: ${expected}`, async () => {
      const roots = [root.replace('{}', folder)];
      assert.equal(await allowedDirectory(host, join(folder, directory), roots), expected);
    });

  for (const [directory, known, expected, fails] of [
    ['home/src', [], 'home/src', []],
    // A transcript is the host's own word.
    ['secret', ['secret'], 'secret', []],
    [
      'secret',
      ['home/src'],
      'home/src',
      [/secret is outside of .* records may name on laptop, and is left out$/],
    ],
    ['secret', [], 'home', [/secret is outside/]],
    ['home/missing', [], 'home', [/missing does not exist any more/]],
  ] as const)
    it(`resumes in ${expected} where a record names ${directory}, the transcript ${known[0] ?? 'nothing'}`, async () => {
      const failed: { detail: string; fix?: string }[] = [];
      const inquiry = {
        host,
        roots: ['~/src', '~/missing'],
        session: sessionOf({ directory: join(folder, directory) }),
        onCheck: (check) => void (check.ok || failed.push(check)),
      } as Partial<Inquiry> as Inquiry;
      const directories = known.map((one) => join(folder, one));
      const found = report('laptop', { home, transcripts: [transcript({ directories })] });
      assert.equal(await checkDirectory(inquiry, found), join(folder, expected));
      assert.equal(failed.length, fails.length);
      for (const [at, pattern] of fails.entries()) assert.match(failed[at]!.detail, pattern);
      if (fails[0] && directory === 'secret')
        assert.equal(failed[0]!.fix, 'To use it, add its root to taskSessions.local.roots.');
    });

  for (const [directory, cwd, says] of [
    ['home/src/it’s $(touch PWNED)', 'home/src/it’s $(touch PWNED)', /^$/],
    ['secret', 'home', /secret is named by a record only, .*: add its root to taskSessions\.local\.roots\.$/],
    ['home/missing', 'home', /missing cannot be entered\.$/],
  ] as const)
    it(`opens a shell in ${cwd} for ${directory}`, async () => {
      const session = {
        id: id(1),
        host: 'laptop',
        hostKnown: true,
        kind: 'other',
        state: 'missing',
        directory: join(folder, directory),
      } as const;
      const { argv } = shellOf(host, session, undefined, ['~/src']);
      const seen = await output(['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: home, SHELL: '/bin/sh' },
        input: 'pwd -P\n',
      });
      const lines = seen.trimEnd().split('\n');
      assert.equal(lines.pop(), join(folder, cwd));
      assert.match(lines.join('\n'), says);
    });
});
