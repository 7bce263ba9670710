import assert from 'node:assert/strict';
import { type Forge, forgePages } from '../../../src/model/links/forge';

const branch = 'task/PAY-1-a#b';

/** Remote, where its pull requests are made, and one of them by its address and its name. */
const forges: [remote: string, compare: string, pull: string, name: string, forge?: Forge][] = [
  ['git@github.com:acme/platform.git', 'https://github.com/acme/platform/compare/main...task/PAY-1-a%23b?expand=1', 'https://github.com/acme/platform/pull/12', 'Pull request #12'],
  ['https://gitlab.com/group/sub/x.git', 'https://gitlab.com/group/sub/x/-/merge_requests/new?merge_request%5Bsource_branch%5D=task%2FPAY-1-a%23b&merge_request%5Btarget_branch%5D=main', 'https://gitlab.com/group/sub/x/-/merge_requests/12', 'Merge request !12'],
  ['https://dana@bitbucket.org/team/x.git', 'https://bitbucket.org/team/x/pull-requests/new?source=task%2FPAY-1-a%23b&dest=main', 'https://bitbucket.org/team/x/pull-requests/12', 'Pull request #12'],
  ['ssh://git@bitbucket.acme.example:7999/prj/x.git', 'https://bitbucket.acme.example/projects/prj/repos/x/pull-requests?create&sourceBranch=refs%2Fheads%2Ftask%2FPAY-1-a%23b&targetBranch=refs%2Fheads%2Fmain', 'https://bitbucket.acme.example/projects/prj/repos/x/pull-requests/12', 'Pull request #12'],
  ['https://git.acme.example:8443/a/b.git', 'https://git.acme.example:8443/a/b/compare/main...task/PAY-1-a%23b', 'https://git.acme.example:8443/a/b/pulls/12', 'Pull request #12', 'gitea'],
]; // prettier-ignore

describe('pull requests on git hosts', () => {
  for (const [remote, compare, pull, name, forge] of forges)
    it(`are made and known at ${remote}`, () => {
      const pages = forgePages(remote, forge);
      assert.equal(pages?.compare(branch, 'main'), compare);
      const known = { url: pull, name };
      for (const address of [
        pull,
        `${pull}/`,
        `${pull}/files#diff`,
        `  ${pull}?w=1\n`,
        pull.replace('/x', '/X'),
      ])
        assert.deepEqual(pages?.pullRequest(address), known, address);
    });

  it('are none of a branch into itself, or of what is no branch', () => {
    const pages = forgePages('git@github.com:acme/x.git');
    assert.equal(pages?.compare('main', 'main'), undefined);
    assert.equal(pages?.compare('--upload-pack=x', 'main'), undefined);
    assert.equal(pages?.compare('task/PAY-1', 'a..b'), undefined);
  });

  const foreign = [
    'https://github.com/acme/other/pull/1',
    'https://github.com/acme/x-fork/pull/1',
    'https://github.com/evil/x/pull/1',
    'https://github.com.evil.example/acme/x/pull/1',
    'https://github.com:8443/acme/x/pull/1',
    'https://dana:s3cret@github.com/acme/x/pull/1',
    'http://github.com/acme/x/pull/1',
    'https://github.com/acme/x/pull/1x',
    'https://github.com/acme/x/pull/0',
    'https://github.com/acme/x/pull/99999999999',
    'https://github.com/acme/x/pull/',
    'https://github.com/acme/x/issues/1',
    'https://github.com/acme/x/../y/pull/1',
    'https://github.com/acme/x/pull/1\u202e',
    'javascript:alert(1)',
    'PAY-1',
    '',
  ];
  it('are only those of this very repository', () => {
    const pages = forgePages('git@github.com:acme/x.git');
    for (const address of foreign) assert.equal(pages?.pullRequest(address), undefined, address);
    assert.equal(
      pages?.pullRequest('https://GitHub.com/Acme/X/pull/7/commits')?.url,
      'https://github.com/acme/x/pull/7',
    );
  });
});
