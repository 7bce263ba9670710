import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { HostError } from '../../src/hosts/host';
import type { Host, HostFailure, RunOptions } from '../../src/hosts/host';
import { Bed } from '../bed/bed';
import { findProgram } from '../bed/prepare';
import { until } from '../bed/until';
import { hostile, makeHostsBed, sleeper } from './hostsBed';
import type { HostsBed } from './hostsBed';
import { openPty } from './pty';

interface Place {
  name: string;
  open(): Host;
}

describe('a host', () => {
  const bed = new Bed();
  let world: HostsBed;

  before(async () => {
    world = await bed.add(makeHostsBed(bed));
  });
  afterEach(() => world.closeHosts());
  after(() => bed.dispose());

  const places: Place[] = [
    { name: 'this machine', open: () => world.here() },
    { name: 'ssh, a noisy bash', open: () => world.remote('noisy') },
    { name: 'ssh, fish', open: () => world.remote('fishy') },
    // Not on every machine.
    ...(findProgram('zsh') ? [{ name: 'ssh, zsh', open: () => world.remote('zshy') }] : []),
    ...(findProgram('tcsh') ? [{ name: 'ssh, tcsh', open: () => world.remote('tcshy') }] : []),
    { name: 'a prefix', open: () => world.behind('env', 'VIA=1') },
    { name: 'a prefix with busybox', open: () => world.behind('busybox', 'env', 'VIA=1', 'busybox') },
    ...(process.getuid?.() === 0
      ? [
          {
            name: 'a prefix to another account',
            open: () => world.behind('runuser', '-u', 'nobody', '--', 'env', '-u', 'TMPDIR'),
          },
        ]
      : []),
  ];

  const large = Buffer.alloc(100_000, 'x\0');
  type What = [what: 'script' | 'run', stdin?: Buffer];
  const late: What[] = [['script'], ['run'], ['script', large]];
  /** Both processes of a call that has to be ended; each in its name, as it stands in the list of processes. */
  const work = (host: Host, [what, stdin]: What, sleep: string, options: RunOptions): Promise<string> => {
    const body = `(${sleep} & wait) & ${sleep}`;
    const all = { ...options, ...(stdin ? { stdin } : {}) };
    const call = what === 'run' ? host.run(['sh', '-c', body], all) : host.script(body, [], all);
    return call.then(
      () => 'done',
      (error: unknown) => (error instanceof HostError ? error.kind : (error as Error).name),
    );
  };
  const runs = (sleep: string, count: number): Promise<boolean> =>
    until(async () => (await world.sleepers(sleep)) === count, {
      what: `${count} of ${sleep}`,
      intervalMs: 100,
    });

  /** Calls whose time is up when all else has been tried, begun together. */
  const waiting = new Map<string, { sleep: string; outcome: Promise<string> }[]>();
  before(async () => {
    for (const { name, open } of places) {
      const host = world.lasting(open);
      const calls = late.map((what, at) => {
        const sleep = `${sleeper}.${waiting.size}${at}`;
        return { sleep, outcome: work(host, what, sleep, { timeoutMs: 30_000 }) };
      });
      waiting.set(name, calls);
    }
    for (const { sleep } of [...waiting.values()].flat()) await runs(sleep, 2);
  });

  for (const { name, open } of places)
    describe(`on ${name}`, () => {
      const fails = (work: Promise<unknown>, kind: HostFailure): Promise<void> =>
        assert.rejects(work, (error) => error instanceof HostError && error.kind === kind);

      it('runs an argv as it stands', async () => {
        const { code, stdout, stderr } = await open().run(['printf', String.raw`%s\0`, ...hostile]);
        assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
        assert.deepEqual(stdout.toString().split('\0').slice(0, -1), hostile);
      });

      it('keeps stdout, stderr and the exit status apart', async () => {
        const host = open();
        const answer = await host.script('echo "out $1"; echo "err $2" >&2; return 3', ['a b', "c'd"]);
        assert.deepEqual(
          { ...answer, stdout: answer.stdout.toString() },
          { code: 3, stdout: 'out a b\n', stderr: "err c'd\n" },
        );
        assert.equal((await host.script('exit 4', [])).code, 4);
        assert.equal((await host.run(['sh', '-c', 'exit 255'])).code, 255);
        assert.equal((await host.run(['sh', '-c', 'kill -9 $$'])).code, 137);
        assert.equal((await host.run(['true'])).code, 0);
      });

      it('gives stdin to the command, small or large or binary, and else nothing', async () => {
        const host = open();
        for (const stdin of [
          "it's\n$HOME \\",
          '',
          'a\0b',
          Buffer.from([255, 10, 39]),
          Buffer.alloc(3_000_000, 'x\0y'),
        ])
          assert.deepEqual((await host.run(['cat'], { stdin })).stdout, Buffer.from(stdin));
        assert.equal(
          (await host.script('cat; echo end', [], { stdin: 'words' })).stdout.toString(),
          'wordsend\n',
        );
        assert.equal((await host.script('cat; echo end', [])).stdout.toString(), 'end\n');
      });

      it('brings large binary output unchanged', async () => {
        const host = open();
        const body = 'head -c 20000000 /dev/urandom > "$1"; sha256sum < "$1"; cat "$1" >&3; rm "$1"';
        const script = `f=$(mktemp); { ${body.replaceAll('"$1"', '"$f"')}; } 3>&1 >&2`;
        const { stdout, stderr } = await host.script(script, []);
        assert.equal(stdout.length, 20_000_000);
        assert.equal(createHash('sha256').update(stdout).digest('hex'), stderr.trim().split(' ')[0]);
      });

      it('stops at the bytes that were allowed', async () => {
        const host = open();
        await fails(host.run(['cat', '/dev/zero'], { maxBytes: 100_000 }), 'tooMuch');
        assert.equal((await host.run(['echo', 'on'])).stdout.toString(), 'on\n');
      });

      it('starts in the directory that was named, or not at all', async () => {
        const host = open();
        const directory = (
          await host.script('cd / && d=$(mktemp -d) && cd "$d" && mkdir "a b" && cd "a b" && pwd', [])
        ).stdout
          .toString()
          .trim();
        assert.equal((await host.run(['pwd'], { cwd: directory })).stdout.toString().trim(), directory);
        assert.equal((await host.script('pwd', [], { cwd: directory })).stdout.toString().trim(), directory);
        for (const cwd of ['/no/such', '-x', '$HOME']) {
          await fails(host.run(['pwd'], { cwd }), 'notFound');
          await fails(host.script('pwd', [], { cwd }), 'notFound');
        }
        await host.run(['rm', '-r', dirname(directory)]);
      });

      it('says that a program is missing', () => fails(open().run(['no-such-program-here']), 'notFound'));

      it('adds to the environment', async () => {
        const host = open();
        const env = { GIVEN: "it's $HOME" };
        assert.equal((await host.script('printf %s "$GIVEN"', [], { env })).stdout.toString(), env.GIVEN);
        assert.equal(
          (await host.run(['sh', '-c', 'printf %s "$GIVEN"'], { env })).stdout.toString(),
          env.GIVEN,
        );
        assert.equal((await host.script('printf %s "${GIVEN-none}"', [])).stdout.toString(), 'none');
      });

      it('contains a broken script', async () => {
        const host = open();
        assert.notEqual((await host.script('if then (', [])).code, 0);
        assert.notEqual((await host.script('}; exit; {', [])).code, 0);
        assert.equal((await host.script('echo on', [])).stdout.toString(), 'on\n');
      });

      it('answers many at once, and a quick one beside a slow one', async () => {
        const host = open();
        await host.run(['true']);
        const slow = host.script('sleep 20', []).catch(() => {});
        const answers = await Promise.all(
          Array.from({ length: 10 }, async (_, n) =>
            (await host.script('echo "$1"', [String(n)])).stdout.toString(),
          ),
        );
        assert.deepEqual(
          answers,
          Array.from({ length: 10 }, (_, n) => `${n}\n`),
        );
        host.dispose();
        await slow;
      });

      const ends: [how: string, ...What][] = [
        ['it is cancelled', 'script'],
        ['it is cancelled', 'run'],
        ['it is cancelled', 'script', large],
        ['the host is closed', 'script'],
        ['the host is closed', 'run'],
      ];
      for (const [how, ...what] of ends)
        it(`ends a ${what[0]} when ${how}${what[1] ? ', stdin given' : ''}`, async () => {
          const host = open();
          const abort = new AbortController();
          const outcome = work(host, what, sleeper, { signal: abort.signal });
          await runs(sleeper, 2);
          if (how === 'it is cancelled') abort.abort();
          else host.dispose();
          assert.ok(['CancelledError', 'lost'].includes(await outcome));
          await runs(sleeper, 0);
        });

      it('runs an argv on a terminal', async () => {
        const script = 'test -t 0 && test -t 1 && printf "<%s>" "$@"; exit 7';
        const argv = open().interactive(['sh', '-c', script, 'sh', ...hostile]);
        const pty = await bed.add(openPty(argv, { env: world.env, columns: 500 }));
        assert.equal(await pty.exited, 7);
        const shown = hostile.map((word) => `<${word}>`).join('');
        assert.ok(pty.output.replaceAll('\r\n', '\n').includes(shown), JSON.stringify(pty.output));
      });
    });

  // Tests run before the groups beside them; these are to come last.
  describe('when the time of a call is up', () => {
    for (const { name } of places)
      for (const [at, [what, stdin]] of late.entries())
        it(`ends a ${what} on ${name}${stdin ? ', stdin given' : ''}`, async () => {
          const { sleep, outcome } = waiting.get(name)![at]!;
          assert.equal(await outcome, 'timeout');
          await runs(sleep, 0);
        });
  });
});
