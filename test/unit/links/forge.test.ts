import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { branchUrl, type Forge, forgePages } from '../../../src/model/links/forge';

const branch = 'task/PAY-1-analysis';

/** Remote, its branch page, and what runs there where the name does not tell. */
const pages: [remote: string, page: string | undefined, forge?: Forge][] = [
  ['https://github.com/acme/platform.git', 'https://github.com/acme/platform/tree/task/PAY-1-analysis'],
  ['https://github.com/acme/platform/', 'https://github.com/acme/platform/tree/task/PAY-1-analysis'],
  ['git@github.com:acme/platform.git', 'https://github.com/acme/platform/tree/task/PAY-1-analysis'],
  ['ssh://git@github.com/acme/platform', 'https://github.com/acme/platform/tree/task/PAY-1-analysis'],
  ['ssh://git@ssh.github.com:443/acme/x.git', 'https://github.com/acme/x/tree/task/PAY-1-analysis'],
  ['git+ssh://git@GitHub.com/acme/x.git', 'https://github.com/acme/x/tree/task/PAY-1-analysis'],
  ['https://github.acme.example:8443/a/b', 'https://github.acme.example:8443/a/b/tree/task/PAY-1-analysis'],
  [
    'https://dana:s3cret@gitlab.com/group/sub/x.git',
    'https://gitlab.com/group/sub/x/-/tree/task/PAY-1-analysis',
  ],
  ['git@gitlab.acme.example:g/s/t/x.git', 'https://gitlab.acme.example/g/s/t/x/-/tree/task/PAY-1-analysis'],
  ['ssh://git@gitlab.acme.example:2222/g/x', 'https://gitlab.acme.example/g/x/-/tree/task/PAY-1-analysis'],
  ['https://dana@bitbucket.org/team/x.git', 'https://bitbucket.org/team/x/branch/task/PAY-1-analysis'],
  [
    'https://bitbucket.acme.example/scm/PRJ/x.git',
    'https://bitbucket.acme.example/projects/PRJ/repos/x/browse?at=refs%2Fheads%2Ftask%2FPAY-1-analysis',
  ],
  [
    'ssh://git@bitbucket.acme.example:7999/~ann/x.git',
    'https://bitbucket.acme.example/users/ann/repos/x/browse?at=refs%2Fheads%2Ftask%2FPAY-1-analysis',
  ],
  [
    'https://git.acme.example/stash/scm/prj/x.git',
    'https://git.acme.example/stash/projects/prj/repos/x/browse?at=refs%2Fheads%2Ftask%2FPAY-1-analysis',
    'bitbucket',
  ],
  ['git@codeberg.org:a/b.git', 'https://codeberg.org/a/b/src/branch/task/PAY-1-analysis'],
  [
    'https://git.acme.example/a/b.git',
    'https://git.acme.example/a/b/src/branch/task/PAY-1-analysis',
    'gitea',
  ],
  ['forge:a/b.git', 'https://forge/a/b/-/tree/task/PAY-1-analysis', 'gitlab'],
  ['https://gitlab.com/a%20b/x', 'https://gitlab.com/a%20b/x/-/tree/task/PAY-1-analysis'],
  [
    'https://gitlab.bücher.example/a/x',
    'https://gitlab.xn--bcher-kva.example/a/x/-/tree/task/PAY-1-analysis',
  ],
  // Nobody knows what runs there.
  ['https://git.acme.example/a/b.git', undefined],
  ['git@github-work:acme/x.git', undefined],
  ['https://notgithub.com/acme/x', undefined],
  // Not the address of a repository on a git host.
  ['/srv/git/platform.git', undefined, 'github'],
  ['C:\\git\\platform', undefined, 'github'],
  ['C:/git/platform', undefined, 'github'],
  ['file:///srv/git/platform.git', undefined, 'github'],
  ['ext::sh -c true', undefined, 'github'],
  ['https://github.com/acme', undefined],
  ['https://github.com/a/b/c', undefined],
  ['https://github.com/a/..', undefined],
  ['https://github.com/a/%2e%2e', undefined],
  ['https://github.com/a/b%2fc', undefined],
  ['https://github.com/a/b?x=y', undefined],
  ['https://github.com/a/b#c', undefined],
  ['http://gitlab.acme.example:8080/a/b', undefined],
  ['https://github.com/a/b\u202ec', undefined],
  ['https://github.com\\@evil.example/a/b', undefined, 'github'],
];

describe('the page of a branch', () => {
  for (const [remote, page, forge] of pages)
    it(`${page ? 'is found' : 'is not made up'} for ${remote}${forge ? ` (${forge})` : ''}`, () => {
      assert.equal(branchUrl(remote, branch, forge), page);
    });

  it('encodes what the branch is called, and takes branches only', () => {
    const remote = 'git@gitlab.com:g/x.git';
    assert.equal(
      branchUrl(remote, 'fix/ü#1a&b=(c)!|"%'),
      'https://gitlab.com/g/x/-/tree/fix/%C3%BC%231a%26b%3D%28c%29%21%7C%22%25',
    );
    for (const hostile of ['../../admin', '-x', 'a..b', 'a b', 'x\u202ey', ''])
      assert.equal(branchUrl(remote, hostile), undefined, hostile);
  });
});

describe('the page of a file', () => {
  const files: [remote: string, onBranch: string, atCommit: string][] = [
    [
      'git@github.com:a/b.git',
      'https://github.com/a/b/blob/task/PAY-1-analysis/docs/x%20y.md',
      'https://github.com/a/b/blob/abcdef1/docs/x%20y.md',
    ],
    [
      'git@gitlab.com:a/b.git',
      'https://gitlab.com/a/b/-/blob/task/PAY-1-analysis/docs/x%20y.md',
      'https://gitlab.com/a/b/-/blob/abcdef1/docs/x%20y.md',
    ],
    [
      'git@bitbucket.org:a/b.git',
      'https://bitbucket.org/a/b/src/task%2FPAY-1-analysis/docs/x%20y.md?at=task%2FPAY-1-analysis',
      'https://bitbucket.org/a/b/src/abcdef1/docs/x%20y.md?at=task%2FPAY-1-analysis',
    ],
    [
      'ssh://git@bitbucket.acme.example:7999/a/b.git',
      'https://bitbucket.acme.example/projects/a/repos/b/browse/docs/x%20y.md?at=refs%2Fheads%2Ftask%2FPAY-1-analysis',
      'https://bitbucket.acme.example/projects/a/repos/b/browse/docs/x%20y.md?at=abcdef1',
    ],
    [
      'git@codeberg.org:a/b.git',
      'https://codeberg.org/a/b/src/branch/task/PAY-1-analysis/docs/x%20y.md',
      'https://codeberg.org/a/b/src/commit/abcdef1/docs/x%20y.md',
    ],
  ];
  for (const [remote, onBranch, atCommit] of files)
    it(`is found for ${remote}`, () => {
      const found = forgePages(remote)!;
      assert.equal(found.file('docs/x y.md', { branch }), onBranch);
      assert.equal(found.file('docs/x y.md', { branch, commit: 'abcdef1' }), atCommit);
      assert.match(found.commit('abcdef1')!, /^https:.*\/commits?\/abcdef1$/);
      for (const path of ['../x', '/x', 'a//b', 'a/./b', 'a\nb'])
        assert.equal(found.file(path, { branch }), undefined, path);
      assert.equal(found.commit('main'), undefined);
      assert.equal(found.file('x.md', { branch, commit: 'main' }), undefined);
    });
});

describe('whatever a remote and a branch are called', () => {
  const odd = fc.string({
    unit: fc.constantFrom(...Array.from('ab/.:@-_~%2f?#&=[]{}|\\"\'`$ !()é😀\u202e')),
    maxLength: 20,
  });
  const remote = fc
    .tuple(
      fc.constantFrom('https://', 'http://', 'ssh://', 'git@', 'ext::', ''),
      fc.oneof(odd, fc.constantFrom('dana:s3cret@github.com', 'gitlab.x.example', 'h')),
      fc.constantFrom('/', ':', ':2222/', ''),
      odd,
      odd,
    )
    .map(([scheme, host, gap, one, other]) => `${scheme}${host}${gap}${one}/${other}`);

  it('a page is https, as the URL parser writes it, names no user, and nothing that markup reads', () => {
    fc.assert(
      fc.property(
        remote,
        odd,
        odd,
        fc.constantFrom('github', 'gitlab', 'bitbucket', 'gitea'),
        (url, name, path, forge) => {
          const pages = forgePages(url, forge);
          for (const page of [pages?.branch(name), pages?.file(path, { branch })]) {
            if (page === undefined) continue;
            const { href, protocol, username, password } = new URL(page);
            assert.deepEqual([href, protocol, username, password], [page, 'https:', '', '']);
            assert.match(page, /^[A-Za-z0-9\-._~%/?=&:]+$/);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
