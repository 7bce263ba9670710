import assert from 'node:assert/strict';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Terminals, TerminalSpec } from '../../src/hosts/terminals';
import { UserError } from '../../src/model/errors';
import { Bed } from '../bed/bed';
import { until } from '../bed/until';
import { openPty } from './pty';
import { kinds } from './terminalKinds';

for (const kind of kinds)
  describe(`terminals in ${kind.name}`, () => {
    const bed = new Bed();
    let terminals: Terminals;
    let env: NodeJS.ProcessEnv;
    let folder: string;
    let count = 0;

    before(async () => {
      ({ terminals, env } = await kind.make(bed));
      folder = await realpath(await bed.folder('dir'));
    });
    after(() => bed.dispose());

    const spec = (argv: string[], more: Partial<TerminalSpec> = {}): TerminalSpec => ({
      name: `t-${(count += 1)}`,
      directory: folder,
      argv,
      ...more,
    });
    const start = async (script: string, more: Partial<TerminalSpec> = {}): Promise<string> => {
      const made = spec(['sh', '-c', script], more);
      assert.deepEqual(await terminals.create(made), { created: true });
      return made.name;
    };
    const screen = (name: string, part: string): Promise<string> =>
      until(async () => (await terminals.capture(name)).text.includes(part) && 'yes', {
        what: `"${part}" on the screen of ${name}`,
      });
    const ended = (name: string) =>
      until(async () => (await terminals.capture(name)).dead, { what: `the end of ${name}` });
    const info = async (name: string) => (await terminals.list()).find((terminal) => terminal.name === name);
    const refuses = (work: Promise<unknown>, message: RegExp) =>
      assert.rejects(work, (error) => error instanceof UserError && message.test(error.message));

    it('creates, lists and kills', async () => {
      const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
      const before = Date.now();
      const name = await start('cat', { key: 'PAY-456', sessionId });
      const found = await info(name);
      assert.ok(found);
      const { createdAt, pid = 0, ...rest } = found;
      assert.deepEqual(rest, { host: 'here', name, attached: 0, windows: 1, key: 'PAY-456', sessionId });
      assert.ok(createdAt > before - 2000 && createdAt < Date.now() + 2000);
      assert.ok(isAlive(pid));
      await terminals.kill(name);
      assert.equal(await info(name), undefined);
    });

    it('makes one of two that come at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const made = spec(['cat']);
        const both = await Promise.all([terminals.create(made), terminals.create(made)]);
        assert.equal(both.filter(({ created }) => created).length, 1);
        assert.deepEqual(await terminals.create(made), { created: false });
        await terminals.kill(made.name);
      }
    });

    it('keeps how it ended and its last screen, and takes the name again', async () => {
      const name = await start('echo first line; echo "the end"; exit 7');
      assert.deepEqual(await ended(name), { status: 7 });
      assert.equal((await terminals.capture(name)).text, 'first line\nthe end');
      assert.deepEqual((await info(name))?.dead, { status: 7 });
      const sessionId = '9c02aa17-0000-4000-8000-000000000001';
      assert.deepEqual(await terminals.create(spec(['sh', '-c', 'echo again; cat'], { name, sessionId })), {
        created: true,
      });
      await screen(name, 'again');
      const found = await info(name);
      assert.equal(found?.dead, undefined);
      assert.equal(found?.sessionId, sessionId);
      await terminals.kill(name);
    });

    it('leaves an ended one as it is where that is asked for', async () => {
      const name = await start('echo "the end"; exit 7');
      await ended(name);
      const again = spec(['cat'], { name, keepEnded: true });
      assert.deepEqual(await terminals.create(again), { created: false, ended: true });
      const { text, dead } = await terminals.capture(name);
      assert.deepEqual([text, dead], ['the end', { status: 7 }]);
      await terminals.kill(name);
      assert.deepEqual(await terminals.create(again), { created: true });
      assert.deepEqual(await terminals.create(again), { created: false });
      await terminals.kill(name);
    });

    it('reads a long line as one', async () => {
      const line = Array.from({ length: 100 }, (_, n) => `word-${n}`).join(' ');
      const made = spec(['sh', '-c', 'echo "$1"; cat', 'sh', line]);
      await terminals.create(made);
      await screen(made.name, 'word-99');
      assert.equal((await terminals.capture(made.name)).text, line);
      await terminals.kill(made.name);
    });

    it('says the signal that ended it', async () => {
      const name = await start('kill -9 $$');
      const dead = await ended(name);
      assert.deepEqual([dead.status, dead.signal], [undefined, '9']);
      await terminals.kill(name);
    });

    it('runs exactly the words that it was given', async () => {
      const words = [
        'a b',
        "it's",
        '"',
        '$HOME',
        '#(touch x)',
        '#{pane_id}',
        '',
        'é✓',
        ';',
        'x;',
        'y\\;',
        '-n',
        '*',
      ];
      const made = spec(['sh', '-c', 'printf "<%s>\\n" "$@"; cat', 'sh', ...words]);
      await terminals.create(made);
      await screen(made.name, '<*>');
      assert.equal((await terminals.capture(made.name)).text, words.map((word) => `<${word}>`).join('\n'));
      await terminals.kill(made.name);
    });

    for (const directory of [
      'with space',
      'quote\'s "double"',
      '#(touch ran)',
      '$(touch ran)',
      'ünï✓',
      '-n;',
    ])
      it(`starts in the directory ${directory}`, async () => {
        const path = join(folder, directory);
        await mkdir(path, { recursive: true });
        const name = await start('pwd; cat', { directory: path });
        await screen(name, path);
        await terminals.kill(name);
      });

    it('ends with 96 where the directory is missing', async () => {
      const name = await start('cat', { directory: join(folder, 'missing') });
      assert.deepEqual(await ended(name), { status: 96 });
      assert.match((await terminals.capture(name)).text, /missing/);
      await terminals.kill(name);
    });

    it('ends with 127 where the program is missing', async () => {
      const made = spec(['no-such-program-here']);
      await terminals.create(made);
      assert.deepEqual(await ended(made.name), { status: 127 });
      assert.match((await terminals.capture(made.name)).text, /no-such-program-here/);
      await terminals.kill(made.name);
    });

    it('hands on its own environment and no leftovers', async () => {
      const name = await start('env; echo done; cat', { env: { GIVEN: "it's #{here};" } });
      await screen(name, 'done');
      const { text } = await terminals.capture(name);
      assert.match(text, /^GIVEN=it's #\{here\};$/m);
      assert.doesNotMatch(text, /CLAUDE|TASK_SESSIONS|secret/);
      await terminals.kill(name);
    });

    it('sends text as it is, without control characters', async () => {
      const name = await start('cat');
      await terminals.send(name, "héllo #{x} $(y) ; 'z'\u001b[201~\u0003\u0004;");
      await screen(name, "héllo #{x} $(y) ; 'z'[201~;\nhéllo");
      await terminals.send(name, 'not yet', { enter: false });
      await screen(name, 'not yet');
      assert.doesNotMatch((await terminals.capture(name)).text, /not yet\nnot yet/);
      await terminals.send(name, '');
      await screen(name, 'not yet\nnot yet');
      await terminals.kill(name);
    });

    it('wraps what it sends where the program asks for it', async () => {
      const name = await start(`printf '\\033[?2004h'; stty raw -echo; echo ready; exec cat -v`);
      await screen(name, 'ready');
      await terminals.send(name, 'one\ntwo');
      await screen(name, '^[[200~one^Mtwo^[[201~^M');
      await terminals.kill(name);
    });

    it('sends nothing to what has ended', async () => {
      const name = await start('exit 0');
      await ended(name);
      await refuses(terminals.send(name, 'hello'), /has ended/);
      await terminals.kill(name);
    });

    it('says in its own words that there is no such terminal', async () => {
      const none = /There is no terminal nobody on here/;
      await refuses(terminals.send('nobody', 'x'), none);
      await refuses(terminals.capture('nobody'), none);
      await refuses(terminals.kill('nobody'), none);
    });

    for (const name of ['', '-x', 'a b', 'a.b', 'a:b', '=a', '#(touch x)', 'é', '../x', 'a'.repeat(200)])
      it(`refuses the name "${name.slice(0, 20)}"`, async () => {
        const words = /cannot be the name/;
        await refuses(terminals.create(spec(['cat'], { name })), words);
        await refuses(terminals.kill(name), words);
        await refuses(terminals.capture(name), words);
        await refuses(terminals.send(name, 'x'), words);
        assert.throws(() => terminals.attachArgv(name), words);
      });

    it('takes a prefix for nobody', async () => {
      const name = await start('cat', { name: 'prefix-long' });
      await refuses(terminals.kill('prefix'), /no terminal prefix /);
      await terminals.kill(name);
    });

    it('shows itself to several, and lives on when they go', async () => {
      const name = await start('echo hello; cat');
      const one = await bed.add(openPty(terminals.attachArgv(name), { env }));
      const two = await bed.add(
        openPty(terminals.attachArgv(name), { env: { ...env, TERM: 'xterm-nobody-knows' } }),
      );
      await Promise.all([one.shows('hello'), two.shows('hello')]);
      await until(async () => (await info(name))?.attached === 2, { what: 'two clients' });
      one.write('typed\r');
      await Promise.all([one.shows('typed'), two.shows('typed')]);
      await screen(name, 'typed\ntyped');
      one.kill('SIGKILL');
      two.kill('SIGHUP');
      await Promise.all([one.exited, two.exited]);
      await until(async () => (await info(name))?.attached === 0, { what: 'no clients' });
      const three = await bed.add(openPty(terminals.attachArgv(name), { env }));
      await three.shows('typed');
      await terminals.kill(name);
      await three.exited;
    });

    it('lets a reader look and not type', async () => {
      const name = await start('echo hello; cat');
      const reader = await bed.add(openPty(terminals.attachArgv(name, { readOnly: true }), { env }));
      const writer = await bed.add(openPty(terminals.attachArgv(name), { env }));
      await Promise.all([reader.shows('hello'), writer.shows('hello')]);
      reader.write('refused\r');
      writer.write('taken\r');
      await reader.shows('taken');
      assert.doesNotMatch((await terminals.capture(name)).text, /refused/);
      await terminals.kill(name);
    });

    it('follows the size of the one who looks', async () => {
      const name = await start('while read -r line; do stty size; done');
      const client = await bed.add(openPty(terminals.attachArgv(name), { env, columns: 90, rows: 30 }));
      await until(async () => (await info(name))?.attached === 1, { what: 'a client' });
      // It comes to the program a little later than to us.
      const tells = (size: string): Promise<boolean> =>
        until(
          async () => {
            client.write('\r');
            return (await terminals.capture(name)).text.includes(size);
          },
          { what: `the size ${size}`, intervalMs: 100 },
        );
      await tells('30 90');
      client.resize(70, 20);
      await tells('20 70');
      await terminals.kill(name);
    });

    it('ends a process that ignores the hang-up', async () => {
      const name = await start(`trap '' HUP TERM; echo pid $$; while :; do sleep 1; done`);
      await screen(name, 'pid ');
      const pid = Number(/pid ([0-9]+)/.exec((await terminals.capture(name)).text)?.[1]);
      await terminals.kill(name);
      await until(() => !isAlive(pid), { what: 'its end' });
    });

    it('gives up on request', async () => {
      const gone = AbortSignal.abort();
      await assert.rejects(terminals.list(gone), { name: 'CancelledError' });
      await assert.rejects(terminals.create(spec(['cat']), gone), { name: 'CancelledError' });
    });
  });

function isAlive(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
