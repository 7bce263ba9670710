import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalHost } from '../../src/hosts/local';
import { SupervisorTerminals } from '../../src/hosts/terminals/supervisor';
import { UserError } from '../../src/model/errors';
import { settingsSchema } from '../../src/model/settings';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { endProcessesOf } from '../bed/processes';
import { until } from '../bed/until';
import { openPty } from './pty';
import { buildSupervisor } from './supervisorBundle';

/** Nobody else's on this machine: it is looked for in every command line. */
const sessionId = randomUUID();

describe('the supervisor itself', () => {
  const bed = new Bed();
  let terminals: SupervisorTerminals;
  let env: NodeJS.ProcessEnv;
  let home: string;
  let program: string;

  const terminalsOf = async (options: { program: string }): Promise<SupervisorTerminals> => {
    const host = new LocalHost({
      name: 'here',
      settings: settingsSchema.parse({}).local,
      log: silentLog,
      env,
    });
    await bed.add({ dispose: () => host.dispose() });
    return new SupervisorTerminals({ host, env, ...options });
  };
  const folder = (): string => terminals.attachArgv('any')[3] ?? '';
  const cards = async (): Promise<string[]> =>
    (await readdir(folder())).filter((name) => name.endsWith('.json'));
  const screen = (name: string, part: string): Promise<boolean> =>
    until(async () => (await terminals.capture(name)).text.includes(part), { what: `"${part}" on ${name}` });

  before(async () => {
    program = await buildSupervisor();
  });
  beforeEach(async () => {
    home = await bed.folder('sup');
    await bed.add({ dispose: () => endProcessesOf(home) });
    env = { PATH: process.env['PATH'], HOME: home, XDG_STATE_HOME: home, LANG: 'C.UTF-8' };
    terminals = await terminalsOf({ program });
  });
  after(() => bed.dispose());

  it('outlives the process that started it', async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, [${JSON.stringify(program)}, 'serve'], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
      child.stdin.end(JSON.stringify({ folder: ${JSON.stringify(folder())}, name: 'one', argv: ['cat'], directory: '/', env: {} }));
      child.stdout.once('data', () => process.kill(process.pid, 'SIGKILL'));`;
    await terminals.list();
    await assert.rejects(promisify(execFile)(process.execPath, ['-e', script], { env }), {
      signal: 'SIGKILL',
    });
    await terminals.send('one', 'still here');
    await screen('one', 'still here\nstill here');
  });

  it('leaves no session id in a command line of its own', async () => {
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/', sessionId, env: { ID: sessionId } });
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args='], { maxBuffer: 1e7 });
    assert.match(stdout, /supervisor\.js serve/);
    assert.ok(!stdout.includes(sessionId));
  });

  it('is open to its own user alone, who knows the word', async () => {
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/' });
    assert.equal((await stat(folder())).mode & 0o777, 0o700);
    const [file = ''] = await cards();
    assert.equal((await stat(join(folder(), file))).mode & 0o777, 0o600);
    const { address } = JSON.parse(await readFile(join(folder(), file), 'utf8')) as { address: string };
    for (const words of [
      '{"kind":"capture"}',
      '{"kind":"hello","token":"wrong"}',
      'nonsense',
      '{"kind":"x"}',
    ]) {
      const socket = connect(address);
      socket.write(`${words}\n`);
      let heard = '';
      for await (const chunk of socket) heard += String(chunk);
      assert.equal(heard, '');
    }
    assert.deepEqual(
      (await terminals.list()).map(({ name }) => name),
      ['one'],
    );
  });

  /** The supervisors of this test. */
  const supervisors = async (): Promise<number[]> => {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,args='], { maxBuffer: 1e7 });
    const pids: number[] = [];
    for (const line of stdout.split('\n').filter((line) => line.includes('supervisor.js serve'))) {
      const pid = Number(line.trim().split(' ')[0]);
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      if (environment.includes(`HOME=${home}\0`)) pids.push(pid);
    }
    return pids;
  };

  it('that hangs keeps nobody from the others', async () => {
    await terminals.create({ name: 'hung', argv: ['cat'], directory: '/' });
    const [pid = 0] = await supervisors();
    process.kill(pid, 'SIGSTOP');
    try {
      await terminals.create({ name: 'well', argv: ['cat'], directory: '/' });
      const found = await terminals.list();
      const pids = Object.fromEntries(found.map(({ name, dead, pid }) => [name, !dead && pid !== undefined]));
      assert.deepEqual(pids, { hung: false, well: true });
      assert.ok(found.every(({ dead }) => !dead));
      // It has not given its name away.
      assert.deepEqual(await terminals.create({ name: 'hung', argv: ['cat'], directory: '/' }), {
        created: false,
      });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await terminals.kill('hung');
  });

  it('keeps to itself that it runs in an Electron', async () => {
    const child = spawn(process.execPath, [program, 'serve'], {
      env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const argv = ['sh', '-c', 'echo "<$ELECTRON_RUN_AS_NODE|$GIVEN>"; exec cat'];
    child.stdin.end(
      JSON.stringify({ folder: folder(), name: 'one', argv, directory: '/', env: { GIVEN: 'given' } }),
    );
    await once(child.stdout, 'data');
    await screen('one', '<|given>');
    await terminals.kill('one');
  });

  it('is shown as ended when it was killed, and gives its name back', async () => {
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/' });
    for (const pid of await supervisors()) process.kill(pid, 'SIGKILL');
    await until(async () => (await terminals.list())[0]?.dead, { what: 'its end' });
    await assert.rejects(terminals.send('one', 'x'), /has ended/);
    assert.deepEqual((await terminals.capture('one')).dead, {});
    assert.deepEqual(await terminals.create({ name: 'one', argv: ['cat'], directory: '/' }), {
      created: true,
    });
    assert.equal((await cards()).length, 1);
  });

  it('leaves nothing when it was ended by name, dead or alive', async () => {
    await terminals.create({ name: 'alive', argv: ['cat'], directory: '/' });
    await terminals.create({ name: 'dead', argv: ['true'], directory: '/' });
    await until(async () => (await terminals.capture('dead')).dead, { what: 'its end' });
    await terminals.kill('alive');
    await terminals.kill('dead');
    await until(async () => (await readdir(folder())).length === 0, { what: 'an empty folder' });
  });

  it('makes one of eight, over a dead one too', async () => {
    await terminals.create({ name: 'one', argv: ['true'], directory: '/' });
    await until(async () => (await terminals.capture('one')).dead, { what: 'its end' });
    const all = await Promise.all(
      Array.from({ length: 8 }, () => terminals.create({ name: 'one', argv: ['cat'], directory: '/' })),
    );
    assert.equal(all.filter(({ created }) => created).length, 1);
    assert.equal((await cards()).length, 1);
    assert.equal((await terminals.list())[0]?.dead, undefined);
  });

  it('shows a newcomer the screen as it stands, with its modes', async () => {
    const script = `printf '\\033[?1049h\\033[?2004h\\033[5;7H\\033[31mred\\033[0m\\033[?25l'; exec cat`;
    await terminals.create({ name: 'one', argv: ['sh', '-c', script], directory: '/' });
    await screen('one', 'red');
    const client = await bed.add(openPty(terminals.attachArgv('one'), { env }));
    await client.shows('red');
    for (const sequence of ['\u001b[?1049h', '\u001b[?2004h', '\u001b[31m'])
      assert.ok(client.output.includes(sequence), JSON.stringify(client.output));
  });

  it('detaches by Ctrl-\\ and leaves the terminal clean', async () => {
    await terminals.create({ name: 'one', argv: ['sh', '-c', 'echo hello; exec cat'], directory: '/' });
    const client = await bed.add(openPty(terminals.attachArgv('one'), { env }));
    await client.shows('hello');
    client.write('last words\u001cnot these');
    await client.shows('[detached]');
    assert.equal(await client.exited, 0);
    assert.ok(client.output.includes('\u001b[?2004l'));
    await screen('one', 'last words');
    assert.doesNotMatch((await terminals.capture('one')).text, /not these/);
  });

  it('answers for the terminal while nobody looks', async () => {
    const script = `stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | cat -v; exec cat`;
    await terminals.create({ name: 'one', argv: ['sh', '-c', script], directory: '/' });
    await screen('one', '^[[1;1R');
  });

  it('says how it ended to those who look, then and later', async () => {
    await terminals.create({ name: 'one', argv: ['sh', '-c', 'echo hello; read x; exit 5'], directory: '/' });
    const client = await bed.add(openPty(terminals.attachArgv('one'), { env }));
    await client.shows('hello');
    client.write('\r');
    await client.shows('[ended with status 5]');
    assert.equal(await client.exited, 0);
    const late = await bed.add(openPty(terminals.attachArgv('one'), { env }));
    await late.shows('[ended with status 5]');
    assert.ok(late.output.includes('hello'));
  });

  it('keeps up with a program that floods it', async () => {
    const script = 'seq 1 400000; echo the end; exec cat';
    await terminals.create({ name: 'one', argv: ['sh', '-c', script], directory: '/' });
    const client = await bed.add(openPty(terminals.attachArgv('one'), { env }));
    await client.shows('the end');
    assert.match((await terminals.capture('one')).text, /399999\n400000\nthe end$/);
  });

  it('says in words that node-pty is missing', async () => {
    const elsewhere = join(await bed.folder('bare'), 'supervisor.js');
    const bare = await terminalsOf({ program: await buildSupervisor(elsewhere) });
    await assert.rejects(
      bare.create({ name: 'one', argv: ['cat'], directory: '/' }),
      (error) => error instanceof UserError && /cannot outlive its window/.test(error.message),
    );
    assert.deepEqual(await bare.list(), []);
  });

  it('passes damaged cards over', async () => {
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/' });
    await writeFile(join(folder(), 'two.g1.json'), '{"name":');
    await writeFile(join(folder(), 'three.g1.json'), '{"name":"../x"}');
    assert.deepEqual(
      (await terminals.list()).map(({ name }) => name),
      ['one'],
    );
    assert.deepEqual(await terminals.create({ name: 'two', argv: ['cat'], directory: '/' }), {
      created: true,
    });
  });
});
