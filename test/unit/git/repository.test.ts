import assert from 'node:assert/strict';
import {
  branchFor,
  docsDirectoryFor,
  fillIn,
  folderName,
  normalizeRemote,
  repositoryFor,
} from '../../../src/model/task/repository';
import type { RepositoryAnswer, WorkspaceRepository } from '../../../src/model/task/repository';
import { settingsSchema } from '../../../src/model/settings';

describe('normalizeRemote', () => {
  const same = [
    'git@GitHub.com:acme/platform.git',
    'github.com:acme/platform',
    'ssh://git@github.com/acme/platform.git',
    'ssh://git@github.com:22/acme/platform/',
    'https://github.com/acme/platform',
    'https://dana:secret@github.com:443/acme/platform.git/',
    'HTTPS://GITHUB.COM/acme/platform.git',
    'git+ssh://git@github.com/acme/platform',
    ' git://github.com/acme/platform.git\n',
    'git@github.com:/acme/platform.git',
    'https://github.com/acme/%70latform',
  ];
  for (const url of same)
    it(`reads ${JSON.stringify(url)}`, () => assert.equal(normalizeRemote(url), 'github.com/acme/platform'));

  const others = [
    ['/srv/git/platform.git', '/srv/git/platform'],
    ['file:///srv/git/platform.git', '/srv/git/platform'],
    ['../origin.git', '/../origin'],
    ['C:\\source\\platform.git', '/C:/source/platform'],
    ['ssh://git@[::1]:2222/x.git', '[::1]/x'],
    ['git@[::1]:x.git', '[::1]/x'],
    ['https://host/a%zz.git', 'host/a%zz'],
    ['', '/'],
  ] as const;
  for (const [url, expected] of others)
    it(`reads ${JSON.stringify(url)} as ${expected}`, () => assert.equal(normalizeRemote(url), expected));

  it('keeps paths apart that differ in case', () =>
    assert.notEqual(normalizeRemote('https://h/A/b'), normalizeRemote('https://h/a/b')));

  it('takes little time for a long hostile address', () => {
    const before = performance.now();
    for (const part of ['a:', '@', '/', 'a@', ':/', '[', '%']) normalizeRemote(part.repeat(50_000));
    assert.ok(performance.now() - before < 1000);
  });
});

describe('repositoryFor', () => {
  const open = (directory: string, ...remotes: string[]): WorkspaceRepository => ({ directory, remotes });
  const ask = (
    settings: object,
    workspace: WorkspaceRepository[] = [],
    remembered?: string,
    key = 'PAY-1',
  ): RepositoryAnswer =>
    repositoryFor({
      key,
      settings: settingsSchema.parse(settings),
      localHost: 'laptop',
      workspace,
      ...(remembered === undefined ? {} : { remembered }),
    });
  const places = (answer: RepositoryAnswer): string[] =>
    answer.kind === 'found'
      ? answer.places.map(({ name, host, directory }) => `${name} ${host} ${directory}`)
      : [answer.kind];

  const url = 'git@github.com:acme/platform.git';
  const platform = { remote: url, projects: ['PAY', 'INV'], directory: '/src/platform' };
  const web = { projects: ['WEB'], directory: '/src/web' };
  const two = { repositories: { platform, web } };
  const cases: [string, RepositoryAnswer, string[]][] = [
    ['the entry of the project', ask(two), ['platform laptop /src/platform']],
    ['another project’s entry', ask(two, [], undefined, 'WEB-7'), ['web laptop /src/web']],
    [
      'the open folder with the entry’s remote, before its directory',
      ask(two, [open('/w/web'), open('/w/fork', 'https://github.com/acme/platform')]),
      ['platform laptop /w/fork'],
    ],
    [
      'the open folder with the entry’s name where it has no remote',
      ask({ repositories: { web: { projects: ['PAY'] } } }, [open('/w/web')]),
      ['web laptop /w/web'],
    ],
    [
      'the workspace’s repository for a project that no entry names',
      ask({ repositories: { web } }, [open('/w/x', url)]),
      ['x laptop /w/x'],
    ],
    [
      'an entry without projects for every other project',
      ask({ repositories: { web, rest: { directory: '/src/rest' } } }, [open('/w/x')]),
      ['rest laptop /src/rest'],
    ],
    ['the workspace’s before `repository`', ask({ repository: '/src/r' }, [open('/w/x')]), ['x laptop /w/x']],
    ['`repository`', ask({ repository: '~/src/r/' }), ['r laptop ~/src/r/']],
    ['`local.repository`', ask({ local: { repository: '/src/r' } }), ['r laptop /src/r']],
    [
      'hosts by the name of the entry',
      ask({
        ...two,
        hosts: {
          dev: { ssh: 'dev', repository: { platform: '/srv/platform', web: '/srv/web' } },
          gpu: { ssh: 'gpu', repository: '/srv/which' },
        },
      }),
      ['platform laptop /src/platform', 'platform dev /srv/platform'],
    ],
    [
      'a host’s single repository where only one is configured',
      ask({ repositories: { platform }, hosts: { dev: { ssh: 'dev', repository: '/srv/platform' } } }),
      ['platform laptop /src/platform', 'platform dev /srv/platform'],
    ],
    [
      'a repository that lies on a host only',
      ask({ hosts: { dev: { ssh: 'dev', repository: '/srv/platform' } } }),
      ['PAY dev /srv/platform'],
    ],
    ['none', ask({}), ['none']],
    [
      'none for an entry without a place',
      ask({ repositories: { platform: { projects: ['PAY'] } } }),
      ['none'],
    ],
    ['a choice', ask({}, [open('/w/a'), open('/w/b')]), ['ambiguous']],
    [
      'the choice made before, by directory',
      ask({}, [open('/w/a'), open('/w/b')], '/w/b'),
      ['b laptop /w/b'],
    ],
    ['the choice made before, by name', ask({}, [open('/w/a'), open('/w/b')], 'a'), ['a laptop /w/a']],
    ['no choice that is gone', ask({}, [open('/w/a'), open('/w/b')], '/w/c'), ['ambiguous']],
    [
      'a choice between entries',
      ask({ repositories: { platform, docs: { projects: ['PAY'], directory: '/src/docs' } } }),
      ['ambiguous'],
    ],
  ];
  for (const [what, answer, expected] of cases)
    it(`finds ${what}`, () => assert.deepEqual(places(answer), expected));

  it('lists the choices', () => {
    const answer = ask({}, [open('/w/a'), open('/w/b')]);
    assert.deepEqual(answer.kind === 'ambiguous' && answer.choices.map(({ name }) => name), ['a', 'b']);
  });
});

describe('branchFor', () => {
  const pattern = 'task/${key}-analysis';
  const cases: [string | undefined, string, string | undefined][] = [
    ['feature/x', pattern, 'feature/x'],
    [undefined, pattern, 'task/PAY-1-analysis'],
    ['main', pattern, 'task/PAY-1-analysis'],
    ['--upload-pack=x', pattern, 'task/PAY-1-analysis'],
    ['a b', pattern, 'task/PAY-1-analysis'],
    [undefined, '--${key}', undefined],
    [undefined, '${key}..${key}', undefined],
    [undefined, '${key}', 'PAY-1'],
  ];
  for (const [recorded, pattern, expected] of cases)
    it(`is ${expected} for ${recorded} and ${pattern}`, () =>
      assert.equal(branchFor('PAY-1', recorded, pattern), expected));

  it('takes no key that is none', () => assert.equal(branchFor('$&', undefined, pattern), undefined));
});

describe('docsDirectoryFor', () => {
  const cases = [
    ['docs/tasks/${key}', 'docs/tasks/PAY-1'],
    ['./docs//${key}/', 'docs/PAY-1'],
    ['/', ''],
    ['', ''],
    ['../${key}', undefined],
    ['a/../b', undefined],
    ['a\nb', undefined],
  ] as const;
  for (const [pattern, expected] of cases)
    it(`is ${expected} for ${JSON.stringify(pattern)}`, () =>
      assert.equal(docsDirectoryFor('PAY-1', pattern), expected));
});

describe('fillIn', () => {
  it('leaves unknown names and takes values literally', () =>
    assert.equal(fillIn('${a}-${b}-${constructor}', { a: '$&' }), '$&-${b}-${constructor}'));
});

describe('folderName', () => {
  it('is the last part of any path', () =>
    assert.deepEqual(['/a/b/', 'C:\\a\\b', 'b', '/'].map(folderName), ['b', 'b', 'b', '/']));
});
