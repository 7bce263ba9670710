import assert from 'node:assert/strict';
import { bindingIndex, type BindingSubject } from '../../../src/model/binding/binding';
import { candidateIndex, type Candidate, type Kinship } from '../../../src/model/binding/candidates';
import type { LedgerWorktree } from '../../../src/model/binding/ledger';
import type { Issue } from '../../../src/model/task/issue';
import type { BranchReading } from '../../../src/model/task/task';
import { clock, entry, id, issue } from './examples';

const day = 86_400_000;
const keys = ['PAY-1', 'PAY-2', 'PAY-3', 'PAY-4', 'PAY-45', 'OPS-7'];

interface World {
  issues?: Issue[];
  entries?: ReturnType<typeof entry>[];
  worktrees?: LedgerWorktree[];
  branches?: Map<string, BranchReading>;
}

function candidates(fields: Partial<BindingSubject>, world: World = {}, kinship?: Kinship): Candidate[] {
  const {
    issues = keys.map((key) => issue(key)),
    entries = [],
    worktrees = [],
    branches = new Map(),
  } = world;
  const index = candidateIndex({
    issues,
    binding: bindingIndex(issues, { entries, worktrees }),
    branchNames: new Map([
      ['PAY-4', 'task/PAY-4-analysis'],
      ['PAY-45', 'task/PAY-45-analysis'],
      ['PAY-2', 'shared'],
      ['PAY-3', 'shared'],
      ['PAY-1', 'main'],
    ]),
    branches,
    worktrees,
  });
  return index.of({ sessionId: id(1), host: 'laptop', ...fields }, kinship);
}

describe('candidates of a session', () => {
  const cases: { name: string; subject: Partial<BindingSubject>; keys: string[] }[] = [
    { name: 'the branch that the task is expected to have', subject: { branch: 'task/PAY-4-analysis' }, keys: ['PAY-4'] },
    { name: 'the branch of two tasks', subject: { branch: 'shared' }, keys: ['PAY-2', 'PAY-3'] },
    { name: 'the trunk is nobody\'s', subject: { branch: 'main' }, keys: [] },
    { name: 'a key in the branch', subject: { branch: 'wip/PAY-45_x-PAY-45' }, keys: ['PAY-45'] },
    { name: 'a key in the name', subject: { name: 'look at PAY-4.' }, keys: ['PAY-4'] },
    { name: 'a key in the directory', subject: { directory: '/src/platform.worktrees/PAY-4' }, keys: ['PAY-4'] },
    { name: 'a key in the first prompt', subject: { firstPrompt: 'Fix PAY-4, then PAY-45' }, keys: ['PAY-4', 'PAY-45'] },
    { name: 'a longer key is not the shorter one', subject: { firstPrompt: 'PAY-45 PAY-450 PAY-4x' }, keys: ['PAY-45'] },
    { name: 'a longer project is not the shorter one', subject: { firstPrompt: 'XPAY-4 1PAY-4 _PAY-4 xPAY-4' }, keys: [] },
    { name: 'small letters are no key', subject: { firstPrompt: 'pay-4' }, keys: [] },
    { name: 'a key of no task', subject: { firstPrompt: 'PAY-6 UTF-8' }, keys: [] },
    { name: 'nothing', subject: {}, keys: [] },
    { name: 'each task once, the best first', subject: { branch: 'x/PAY-45', name: 'PAY-4', firstPrompt: 'PAY-45' }, keys: ['PAY-45', 'PAY-4'] },
    { name: 'not more than three', subject: { firstPrompt: 'PAY-1 PAY-2 PAY-3 PAY-4 PAY-45' }, keys: ['PAY-1', 'PAY-2', 'PAY-3'] },
    { name: 'not from far down a long text', subject: { firstPrompt: `${'x '.repeat(5000)}PAY-4` }, keys: [] },
    { name: 'not from a flood of keys', subject: { firstPrompt: `${Array.from({ length: 50 }, (_, n) => `ABC-${n + 1}`).join(' ')} PAY-4` }, keys: [] },
  ]; // prettier-ignore
  for (const { name, subject, keys: expected } of cases)
    it(`come by ${name}`, () =>
      assert.deepEqual(candidates(subject).map(({ key }) => key), expected)); // prettier-ignore

  it('are none that the user has taken back', () => {
    const subject = { branch: 'task/PAY-4-analysis', firstPrompt: 'PAY-45' };
    const entries = [entry({ evidence: 'unlinked', key: 'PAY-4' })];
    assert.deepEqual(candidates(subject, { entries }).map(({ key }) => key), ['PAY-45']); // prettier-ignore
  });
});

describe('the score of a candidate', () => {
  const score = (subject: Partial<BindingSubject>, world?: World, kinship?: Kinship): number | undefined =>
    candidates(subject, world, kinship).find(({ key }) => key === 'PAY-4')?.score;

  it('is higher for the task branch than for one that carries the key, a directory, a name or a prompt', () => {
    const scores = [
      score({ branch: 'task/PAY-4-analysis' }),
      score({ branch: 'wip/PAY-4' }),
      score({ directory: '/w/PAY-4' }),
      score({ name: 'PAY-4' }),
      score({ firstPrompt: 'PAY-1 PAY-2 PAY-4' }),
    ];
    assert.deepEqual(scores, [60, 50, 45, 35, 20]);
  });

  it('grows with each sign that is independent, and stays within 100', () => {
    const branch = { branch: 'task/PAY-4-analysis' };
    assert.equal(score({ ...branch, firstPrompt: 'Do PAY-4' }), 74);
    // Claude names a session after its prompt, cut.
    assert.equal(score({ ...branch, firstPrompt: 'Do PAY-4 now', name: 'Do PAY-4…' }), 74);
    const all = { ...branch, directory: '/w/PAY-4', name: 'PAY-4', firstPrompt: 'Do PAY-4' };
    const kinship = { sessionId: id(2), how: 'a fork of', key: 'PAY-4' } as const;
    assert.equal(score(all, {}, kinship), 98);
  });

  it('is high for what was copied from a session of the task', () => {
    const [best] = candidates({}, {}, { sessionId: id(2), how: 'a fork of', key: 'PAY-4' });
    assert.deepEqual(best, { key: 'PAY-4', score: 75, reason: 'it is a fork of 00000002 of this task' });
    const [next] = candidates({}, {}, { sessionId: id(2), how: 'continues', key: 'PAY-4' });
    assert.equal(next?.reason, 'it is a continuation of 00000002 of this task');
  });

  it('falls where the session began before the task was there, down to no candidate', () => {
    const issues = [issue('PAY-4', { created: clock })];
    const before = { firstActivity: clock - 2 * day };
    assert.equal(score({ ...before, branch: 'task/PAY-4-analysis' }, { issues }), 30);
    assert.equal(score({ ...before, firstPrompt: 'PAY-4' }, { issues }), undefined);
    assert.equal(score({ firstActivity: clock - day / 2, firstPrompt: 'PAY-4' }, { issues }), 35, 'clocks differ'); // prettier-ignore
  });

  it("knows the repository of the task's project, and that of another", () => {
    const worktrees = [
      { key: 'PAY-1', host: 'laptop', directory: '/src/pay', createdAt: 1 },
      { key: 'OPS-7', host: 'laptop', directory: '/src/ops/', createdAt: 1 },
    ];
    const at = (directory: string, host = 'laptop') =>
      score({ directory, host, firstPrompt: 'PAY-4' }, { worktrees });
    assert.deepEqual(
      [at('/src/pay/x'), at('/src/ops/x'), at('/elsewhere'), at('/src/pay', 'other')],
      [43, 20, 35, 35],
    );
  });

  it('grows where the last commit of the branch falls into the session', () => {
    const branch = { repository: 'pay', host: 'laptop', directory: '/src/pay', name: 'x', ref: 'refs/heads/x', head: 'a', committedAt: clock }; // prettier-ignore
    const branches = new Map([['PAY-4', { branch, docs: [] }]]);
    const during = (firstActivity: number, lastActivity: number) =>
      score({ firstActivity, lastActivity, firstPrompt: 'PAY-4' }, { branches });
    assert.equal(during(clock - day, clock + 1), 41);
    assert.equal(during(clock - 9 * day, clock - 2 * day), 35);
  });

  it('comes with the best two signs, and what speaks against it', () => {
    const issues = [issue('PAY-4', { created: clock })];
    const [one] = candidates(
      { branch: 'task/PAY-4-analysis', directory: '/w/PAY-4', firstPrompt: 'PAY-4', firstActivity: clock - 2 * day },
      { issues },
    ); // prettier-ignore
    assert.equal(one?.reason, 'its branch is task/PAY-4-analysis and its directory carries PAY-4, though it began before the task was created'); // prettier-ignore
  });
});
