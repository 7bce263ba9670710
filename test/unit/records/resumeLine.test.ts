import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { terminalName } from '../../../src/model/names';
import { resumeLine } from '../../../src/model/record/resumeLine';
import { output } from '../../bed/command';
import { makeTmux, type Tmux } from '../../bed/tmux';
import { until } from '../../bed/until';
import { sessionId } from './shapes';

const name = terminalName(sessionId, 'JIRA-456');

/** Names of directories that every shell and tmux take as they are, once quoted. */
const plainNames: readonly string[] = [
  'platform',
  'two words',
  '=x',
  '~',
  '-dash',
  'a:b.c',
  '%H',
  'a,b+c@d',
  'ünïcode',
];

/** Names that one shell or another, or tmux, would love to read. */
const hostileNames: readonly string[] = [
  "it's",
  "'",
  "''quoted''",
  'double "quotes"',
  'back\\slash',
  'end\\',
  'final;',
  '#(touch PWNED)',
  '!! !x',
  '$HOME $(touch PWNED) `touch PWNED`',
  String.raw`a\'$(touch PWNED)"\'`,
  String.raw`a\'(touch PWNED)"\'`,
  String.raw`a\'; touch PWNED; '`,
  '*',
  '& | < >',
  '{a,b}',
];

const fragments = [
  '\\',
  "'",
  '"',
  '$',
  '`',
  '!',
  '#',
  ';',
  '(',
  ')',
  ' touch PWNED ',
  '$(touch PWNED)',
  '&',
  'a',
];

let folder: string;
before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ts-')));
});
after(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, script: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

describe('the line to continue a session', () => {
  it('is the one of the design', () => {
    const target = { ssh: 'devserver', name, directory: '/srv/platform', sessionId };
    assert.equal(
      resumeLine(target),
      String.raw`ssh -t devserver 'tmux -L task-sessions new -A -s JIRA-456-5f1d9b2e -c /srv/platform "exec \$SHELL -lc \"claude --resume 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01\""'`,
    );
    assert.equal(
      resumeLine({ ...target, ssh: undefined }),
      String.raw`tmux -L task-sessions new -A -s JIRA-456-5f1d9b2e -c /srv/platform "exec \$SHELL -lc \"claude --resume 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01\""`,
    );
  });

  const valid = { ssh: 'devserver', name, directory: '/srv', sessionId };
  for (const bad of [
    { ssh: '-oProxyCommand=x' },
    { ssh: 'a b' },
    { name: 'a:b' },
    { name: '#(id)' },
    { directory: 'srv' },
    { directory: '/srv/../etc' },
    { directory: '/a\nb' },
    { sessionId: 'latest' },
    { sessionId: sessionId.toUpperCase() },
  ])
    it(`refuses ${JSON.stringify(bad)}`, () => assert.throws(() => resumeLine({ ...valid, ...bad })));
});

describe('what shells make of that line', () => {
  /** Runs the line in `shell` with stand-ins for ssh and tmux; returns tmux's argv. */
  async function seen(shell: string, line: string): Promise<{ argv: string[] }> {
    const bin = join(folder, 'fake');
    const out = join(folder, 'argv');
    await program(join(bin, 'tmux'), `printf '%s\\0' "$@" > ${out}`);
    // ssh gives all words after the destination to the login shell, with a blank between them.
    await program(
      join(bin, 'ssh'),
      `[ "$1" = -t ] && [ "$2" = me@devserver ] || exit 9; shift 2; exec ${shell} -c "$*"`,
    );
    await rm(out, { force: true });
    await output([shell, '-c', line], {
      cwd: folder,
      env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, SHELL: '/bin/sh' },
    });
    return { argv: (await readFile(out, 'utf8')).split('\0').slice(0, -1) };
  }

  for (const shell of ['sh', 'dash', 'bash', 'zsh', 'fish'])
    for (const ssh of [undefined, 'me@devserver'])
      it(`is one tmux command in the right directory: ${shell}, ${ssh ? 'over ssh' : 'local'}`, async () => {
        const command = `exec $SHELL -lc "claude --resume ${sessionId}"`;
        for (const part of plainNames) {
          const directory = join(folder, part);
          await mkdir(directory, { recursive: true });
          const { argv } = await seen(shell, resumeLine({ ssh, name, directory, sessionId }));
          const expected = ['-L', 'task-sessions', 'new', '-A', '-s', name, '-c', directory, command];
          assert.deepEqual(argv, expected, part);
        }
      });

  for (const shell of ['sh', 'bash', 'zsh', 'fish', 'tcsh'])
    it(`runs nothing that a directory says: ${shell}`, async () => {
      // A linear congruence, so that a failure comes again.
      let state = 7;
      const pick = (): string => {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        return fragments[(state >> 8) % fragments.length]!;
      };
      const made = Array.from({ length: 25 }, () => Array.from({ length: 9 }, pick).join(''));
      for (const part of [...hostileNames, ...made])
        for (const ssh of [undefined, 'me@devserver']) {
          const line = resumeLine({ ssh, name, directory: `/srv/${part}`, sessionId });
          await seen(shell, line).catch(() => undefined);
          assert.ok(!existsSync(join(folder, 'PWNED')), line);
          assert.ok(!line.includes('/srv'), line);
        }
    }).timeout(60_000);
});

describe('what tmux makes of that line', () => {
  let tmux: Tmux;
  before(async () => {
    // Only a login shell reads .profile, and only .profile finds this claude.
    await program(
      join(folder, 'bin', 'claude'),
      String.raw`printf '%s|%s\n' "$(pwd)" "$*" >> "$HOME/log"; exec sleep 100`,
    );
    await writeFile(join(folder, '.profile'), 'PATH="$HOME/bin:$PATH"\n');
    tmux = await makeTmux(join(folder, 't'), { HOME: folder });
  });
  after(() => tmux.dispose());

  it('is one claude in the right directory, though it is pasted four times', async () => {
    for (const [at, part] of plainNames.entries()) {
      const directory = join(folder, part);
      await mkdir(directory, { recursive: true });
      await rm(join(folder, 'log'), { force: true });
      const session = `${name}-${at}`;
      const line = resumeLine({ name: session, directory, sessionId });
      const paste = (pane: number): Promise<unknown> =>
        tmux.run(
          ['new-session', '-d', '-s', `o${at}-${pane}`, '-x', '99', '-y', '30', '--', 'sh', '-c', line],
          {
            socket: 'outer',
          },
        );
      await Promise.all([paste(1), paste(2)]);
      await until(() => readFile(join(folder, 'log'), 'utf8'), { what: `claude in ${part}` });
      await Promise.all([paste(3), paste(4)]);
      const clients = await until(
        async () => {
          const { stdout } = await tmux.run(['list-clients', '-t', `=${session}`, '-F', 'x']);
          return stdout === 'x\nx\nx\nx\n';
        },
        { what: `four clients in ${part}` },
      );
      assert.ok(clients);
      assert.equal(await readFile(join(folder, 'log'), 'utf8'), `${directory}|--resume ${sessionId}\n`);
    }
    const { stdout } = await tmux.run(['list-sessions', '-F', '#{session_name}']);
    assert.equal(stdout.trim().split('\n').length, plainNames.length);
  }).timeout(60_000);
});
