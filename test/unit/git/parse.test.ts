import assert from 'node:assert/strict';
import { parseStatus } from '../../../src/sources/git/checkout/status';
import { docsElsewhere, parseTree, parseTreeLine, unquotePath } from '../../../src/sources/git/docs';
import { gitError } from '../../../src/sources/git/git';
import { branchOf, counterpart, parseRefs, parseWorktrees } from '../../../src/sources/git/refs';
import type { Ref } from '../../../src/sources/git/refs';
import { settingsSchema } from '../../../src/model/settings';

const id = (digit: string): string => digit.repeat(40);

describe('parseRefs', () => {
  const record = (...fields: string[]): string => `${fields.join('\0')}\0\n`;
  it('reads records, with newlines where git allows them, and skips what is no commit', () => {
    const text =
      record('refs/heads/a', 'commit', id('a'), '1700000000', 'refs/remotes/o/a', 'ahead 1, behind 22') +
      record('refs/heads/b', 'blob', id('b'), '', '', '') +
      record('refs/remotes/o/a', 'commit', id('c'), '1700000001', '', '') +
      record('refs/heads/d', 'commit', id('d'), '5', 'refs/remotes/o/d', 'gone');
    assert.deepEqual(
      parseRefs(text).map(({ name, ahead, behind, gone, upstream }) => [name, ahead, behind, gone, upstream]),
      [
        ['refs/heads/a', 1, 22, false, 'refs/remotes/o/a'],
        ['refs/remotes/o/a', 0, 0, false, undefined],
        ['refs/heads/d', 0, 0, true, 'refs/remotes/o/d'],
      ],
    );
  });
  it('reads nothing from nothing and from half a record', () => {
    assert.deepEqual(parseRefs(''), []);
    assert.deepEqual(parseRefs('refs/heads/a\0commit\0'), []);
  });
});

describe('branchOf', () => {
  const cases = [
    ['refs/heads/task/x', 'task/x'],
    ['refs/remotes/origin/task/x', 'task/x'],
    ['refs/tags/x', undefined],
    ['refs/remotes/origin', undefined],
  ] as const;
  for (const [ref, expected] of cases)
    it(`${ref} is ${expected}`, () => assert.equal(branchOf(ref), expected));
});

describe('counterpart', () => {
  const ref = (name: string, committedAt = 0, upstream?: string): Ref => ({
    name,
    commit: id('1'),
    committedAt,
    ahead: 0,
    behind: 0,
    gone: false,
    ...(upstream ? { upstream } : {}),
  });
  const origin = ref('refs/remotes/origin/x', 1);
  const old = ref('refs/remotes/old/x', 2);
  const fork = ref('refs/remotes/fork/x', 3);
  it('is the upstream, else origin, else the newest', () => {
    const remotes = [old, origin, fork];
    assert.equal(counterpart({ local: ref('refs/heads/x', 0, old.name), remotes }), old);
    assert.equal(counterpart({ local: ref('refs/heads/x', 0, 'refs/remotes/origin/main'), remotes }), origin);
    assert.equal(counterpart({ remotes: [old, fork] }), fork);
    assert.equal(counterpart({ remotes: [] }), undefined);
  });
});

describe('parseWorktrees', () => {
  it('reads every kind', () => {
    const text = `worktree /srv/pl at
HEAD ${id('1')}
branch refs/heads/main

worktree /srv/w
HEAD ${id('2')}
detached
locked on a stick
prunable gitdir file points to non-existent location

worktree /srv/bare
bare
locked
`;
    assert.deepEqual(parseWorktrees(text), [
      { directory: '/srv/pl at', main: true, bare: false, branch: 'refs/heads/main' },
      {
        directory: '/srv/w',
        main: false,
        bare: false,
        locked: 'on a stick',
        prunable: 'gitdir file points to non-existent location',
      },
      { directory: '/srv/bare', main: false, bare: true, locked: '' },
    ]);
    assert.deepEqual(parseWorktrees(''), []);
  });
});

describe('parseStatus', () => {
  const modes = '100644 100644 100644';
  it('reads changed, unmerged and untracked files', () => {
    const lines = [
      `# branch.oid ${id('1')}`,
      '# branch.head task/x',
      '# branch.ab +1 -2',
      `1 .M N... ${modes} ${id('2')} ${id('3')} a file with spaces`,
      `1 .M S..U ${modes} ${id('2')} ${id('3')} submodule with untracked files`,
      `1 .M SC.. ${modes} ${id('2')} ${id('3')} submodule with commits`,
      `u UU N... 100644 ${modes} ${id('2')} ${id('3')} ${id('4')} un merged`,
      '? un tracked\nfile',
      '',
    ];
    assert.deepEqual(parseStatus(lines.join('\0')), {
      commit: id('1'),
      branch: 'task/x',
      changed: ['a file with spaces', 'submodule with commits', 'un merged'],
      untracked: ['un tracked\nfile'],
    });
  });
  it('knows a detached HEAD and a repository without commits', () => {
    assert.equal(parseStatus('# branch.head (detached)\0').branch, undefined);
    assert.equal(parseStatus('# branch.oid (initial)\0').commit, undefined);
  });
});

describe('trees', () => {
  it('reads a tree object, and stops at its damaged end', () => {
    const entry = (mode: string, name: string): Buffer =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id('a'), 'hex')]);
    const tree = Buffer.concat([
      entry('40000', 'd ir'),
      entry('100644', 'ü.md'),
      Buffer.from('100644 cut\0abc'),
    ]);
    assert.deepEqual(parseTree(tree, 20), [
      { mode: '40000', path: 'd ir', object: id('a') },
      { mode: '100644', path: 'ü.md', object: id('a') },
    ]);
    assert.deepEqual(parseTree(Buffer.from('garbage'), 20), []);
  });

  it('reads a line of ls-tree', () => {
    assert.deepEqual(parseTreeLine(`100644 blob ${id('a')}\t"a\\tb/c.md"`), {
      mode: '100644',
      object: id('a'),
      path: 'a\tb/c.md',
    });
    assert.equal(parseTreeLine('fatal: no'), undefined);
  });

  const quoted = [
    ['plain', 'plain'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"\\001\\177\\n"', '\x01\x7f\n'],
    ['"', '"'],
  ] as const;
  for (const [text, expected] of quoted) it(`reads ${text}`, () => assert.equal(unquotePath(text), expected));
});

describe('docsElsewhere', () => {
  const docs = { ...settingsSchema.parse({}).docs, names: ['a.md'] };
  const cases: [string[], string | undefined][] = [
    [['x/a.md', 'a.md', 'x/y/a.md'], 'a.md'],
    [['x/a.md', 'y/a.md'], 'x/a.md'],
    [['a.md', 'deep/down/PAY-1/a.md'], 'deep/down/PAY-1/a.md'],
    [['a.md', 'deep/PAY-1-refunds/a.md'], 'deep/PAY-1-refunds/a.md'],
    [['docs/tasks/PAY-2/a.md'], undefined],
    [['x/PAY-2 y/z/a.md'], undefined],
    [['PAY-11/a.md'], undefined],
    [['docs/tasks/INV-2/a.md'], undefined],
    // No key, although it looks like one: only folders of the same project or of the pattern count as other tasks'.
    [['UTF-8/a.md'], 'UTF-8/a.md'],
    [['x/ba.md', 'a.md.bak'], undefined],
    [[], undefined],
  ];
  for (const [paths, expected] of cases)
    it(`chooses ${expected} of ${paths.join(', ')}`, () => {
      const entries = paths.map((path) => ({ mode: '100644', path, object: id('a') }));
      assert.equal(docsElsewhere(entries, 'PAY-1', docs)[0]?.path, expected);
    });
  it('takes no symlink', () =>
    assert.deepEqual(docsElsewhere([{ mode: '120000', path: 'a.md', object: id('a') }], 'PAY-1', docs), []));
});

describe('gitError', () => {
  const place = { name: 'x', host: 'dev', directory: '/srv/x' };
  const cases: [number, string, string, RegExp][] = [
    [96, '', 'noDirectory', /no directory \/srv\/x on dev/],
    [97, '', 'noGit', /not installed on dev/],
    [
      128,
      "fatal: detected dubious ownership in repository at '/srv/x'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /srv/x\n",
      'dubiousOwnership',
      /If you trust its owner.*safe\.directory \/srv\/x$/,
    ],
    [128, 'fatal: not a git repository (or any parent)', 'notRepository', /no git repository/],
    [128, "fatal: cannot use bare repository '/srv/x'", 'bareRepository', /bare/],
    [128, 'warning: x\nfatal: bad \u202eobject\n', 'failed', /bad {2}object\./],
    [3, '', 'failed', /exit code 3/],
  ];
  for (const [code, stderr, kind, line] of cases)
    it(`is ${kind} for ${code} ${JSON.stringify(stderr.slice(0, 20))}`, () => {
      const error = gitError({ code, stderr }, place);
      assert.equal(error.kind, kind);
      assert.match(error.line, line);
    });
});
