import assert from 'node:assert/strict';
import { ledgerFor } from '../../../src/model/binding/ledger';
import { notesKept, type PullRequestNote } from '../../../src/model/gate/pullRequest';
import { assemble } from '../../../src/model/assemble';
import { contentOf, withPullRequest, type LedgerFile } from '../../../src/state/ledgerFile';
import { issue, settings } from '../model/examples';

const empty: LedgerFile = { entries: [], worktrees: [], owed: [] };
const note = (fields: Partial<PullRequestNote> = {}): PullRequestNote => ({
  jira: 'jira.example',
  key: 'PAY-1',
  branch: 'task/PAY-1',
  url: 'https://github.com/acme/x/compare/main...task/PAY-1',
  at: 5,
  ...fields,
});
const url = 'https://github.com/acme/x/pull/7';

describe('pull requests in the ledger', () => {
  it('are one for each task and branch, dated by when they were opened first', () => {
    let file = withPullRequest(empty, note());
    file = withPullRequest(file, note({ url, name: 'Pull request #7', at: 9 }));
    assert.deepEqual(contentOf(file).pullRequests, [note({ url, name: 'Pull request #7' })]);
    file = withPullRequest(file, note({ branch: 'impl/PAY-1' }));
    file = withPullRequest(file, note({ jira: 'other.example' }));
    assert.equal(contentOf(file).pullRequests.length, 3);
    assert.equal(ledgerFor(contentOf(file), 'jira.example').pullRequests?.length, 2);
  });

  it('are bounded, and what cannot be read stays', () => {
    const strange = { key: 'PAY-9', url: 'javascript:alert(1)' };
    const file = withPullRequest({ ...empty, pullRequests: [strange] }, note());
    assert.deepEqual(file.pullRequests, [strange, note()]);
    assert.deepEqual(contentOf(file).pullRequests, [note()]);
    const many = Array.from({ length: notesKept + 5 }, (_, n) => note({ key: `PAY-${n + 1}` }));
    const full = many.reduce(withPullRequest, empty);
    assert.equal(full.pullRequests?.length, notesKept);
    assert.equal(contentOf(full).pullRequests.at(-1)?.key, `PAY-${notesKept + 5}`);
  });

  it('are shown on their task, and put it in review', () => {
    const snapshot = assemble({
      at: 1,
      settings: settings(),
      jira: { signedIn: true },
      issues: [issue('PAY-1'), issue('PAY-2')],
      branchNames: new Map(),
      branches: new Map(),
      hosts: [],
      ledger: contentOf(withPullRequest(empty, note({ url, name: 'Pull request #7' }))),
    });
    const [first, second] = snapshot.tasks;
    assert.deepEqual([first?.pullRequest?.url, first?.phase], [url, 'inReview']);
    assert.deepEqual(first?.phaseCause, { kind: 'pullRequestOpened', at: 5 });
    assert.deepEqual([second?.pullRequest, second?.phase], [undefined, 'backlog']);
  });
});
