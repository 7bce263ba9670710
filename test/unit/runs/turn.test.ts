import assert from 'node:assert/strict';
import { settingsSchema } from '../../../src/model/settings';
import { sessionFlags, turnArgv, turnKinds, type TurnOptions } from '../../../src/runs/turn';
import { order } from './promptParts';

const claude = (settings: Record<string, unknown> = {}) => settingsSchema.parse({ claude: settings }).claude;

const argv = (changes: Partial<TurnOptions> = {}): string[] =>
  turnArgv({
    kind: 'analysis',
    order: order(),
    claude: claude(),
    runDirectory: '/home/dana/runs/1',
    claudePath: '/opt/claude',
    ...changes,
  });

const settingsOf = (words: readonly string[]): { permissions: { allow: string[]; deny: string[] } } => {
  const word = words.find((one) => one.startsWith('--settings=')) ?? '';
  return JSON.parse(word.slice('--settings='.length)) as ReturnType<typeof settingsOf>;
};

const at = (directory: string): Partial<TurnOptions> => ({
  order: order({ docs: { directory, names: [] } }),
});

// What Claude makes of them: test/integration/runs/narrow.test.ts.
describe('the argv of a turn', () => {
  it('is narrow by default, and never says bypass', () => {
    for (const kind of turnKinds) {
      const words = argv({ kind });
      assert.deepEqual(words.slice(0, 2), ['/opt/claude', '-p']);
      assert.ok(words.includes('--permission-mode=default'));
      assert.ok(words.includes(`--tools=Read,Grep,Glob,Write,Edit${kind === 'implement' ? ',Bash' : ''}`));
      assert.doesNotMatch(
        words.join(' '),
        /bypassPermissions|dangerously|--(?:max-turns|max-budget-usd|model)/,
      );
      // One word each: the script puts the session's behind them.
      assert.ok(words.slice(2).every((word) => word === '--verbose' || /^--[a-z-]+(?:=|$)/.test(word)));
    }
    assert.deepEqual(settingsOf(argv()).permissions.allow, [
      'Edit(//srv/pay.worktrees/PAY-1/docs/tasks/PAY-1/**)',
      'Edit(./docs/tasks/PAY-1/**)',
    ]);
    assert.deepEqual(settingsOf(argv({ kind: 'review' })).permissions.allow, [
      'Edit(//home/dana/runs/1/review/**)',
      'Edit(./**)',
    ]);
  });

  it('lets an implementation write in its worktree, but neither what was approved nor the rest of its run', () => {
    const approved = { path: 'docs/[a] plan.md', blob: '0'.repeat(40) };
    const implementation = {
      commit: approved.blob,
      approvedBy: 'Ada',
      approvedAt: 0,
      documents: [approved],
      steps: [{ title: 'One' }],
      checks: [],
      spares: [],
    };
    const { permissions } = settingsOf(
      argv({
        kind: 'implement',
        order: { ...order(), implementation },
        claude: claude({ implementationAllow: ['Bash(npm test)'], analysisAllow: ['Bash(x)'] }),
      }),
    );
    assert.deepEqual(permissions, {
      allow: ['Edit(//srv/pay.worktrees/PAY-1/**)', 'Edit(./**)', 'Bash(npm test)'],
      deny: [
        'Edit(~/.claude/**)',
        'Edit(//home/dana/runs/1/**)',
        'Edit(//srv/pay.worktrees/PAY-1/docs/\\[a\\] plan.md)',
        'Edit(./docs/\\[a\\] plan.md)',
      ],
      additionalDirectories: ['/home/dana/runs/1/approved'],
      disableBypassPermissionsMode: 'disable',
    });
  });

  it('takes model, limits and directory of the account', () => {
    const words = argv({
      order: order({ flags: ['--model=opus', '--permission-mode=plan', '--add-dir=/etc', '--settings=/x'] }),
      claude: claude({ maxTurns: 7, maxBudgetUsd: 1.5, analysisMode: 'acceptEdits' }),
      configDir: '/srv/claude',
    });
    assert.deepEqual(words.slice(0, 3), ['env', 'CLAUDE_CONFIG_DIR=/srv/claude', '/opt/claude']);
    for (const word of [
      '--model=opus',
      '--max-turns=7',
      '--max-budget-usd=1.5',
      '--permission-mode=acceptEdits',
    ])
      assert.ok(words.includes(word), word);
    // A run's own mode counts, and no directories besides.
    assert.doesNotMatch(words.join(' '), /plan|\/etc|settings=\/x/);
    assert.ok(settingsOf(words).permissions.deny.includes('Edit(//srv/claude/**)'));
  });

  it('is refused for directories to which Claude cannot be held', () => {
    for (const directory of [
      'a*',
      'a?/b',
      'a\\b',
      'a /b',
      'a.',
      'a./b',
      '.claude/docs',
      'a/.git',
      '.vscode',
      'a\u0007',
    ])
      assert.throws(
        () => argv(at(directory)),
        { name: 'UserError', message: /cannot be held to writing in/ },
        directory,
      );
    for (const directory of ['a[b]', 'a b', '.github/docs', 'a.b/c', '.gitlab', ''])
      assert.doesNotThrow(() => argv(at(directory)), directory);
    // Claude makes worktrees of its own there.
    assert.doesNotThrow(() => argv({ order: order({ directory: '/srv/pay/.claude/worktrees/x' }) }));
    assert.throws(() => argv({ order: order({ directory: '/srv/p*y' }) }), /cannot be held/);
    assert.throws(() => argv({ kind: 'review', runDirectory: 'runs/1' }), /cannot be held/);
  });

  it('starts no option of ours as a program', () => {
    for (const claudePath of ['', '-p']) assert.throws(() => argv({ claudePath }), /is no program/);
  });

  it('leaves a person who goes on by hand the flags of the settings, and none of the narrow ones', () => {
    assert.deepEqual(sessionFlags(claude()), []);
    assert.deepEqual(
      sessionFlags(claude({ model: 'opus', permissionMode: 'plan', analysisMode: 'dontAsk' })),
      ['--permission-mode=plan', '--model=opus'],
    );
  });
});
