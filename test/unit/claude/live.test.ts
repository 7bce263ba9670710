import assert from 'node:assert/strict';
import { readLive } from '../../../src/sources/claude/probe/live';
import type { Probe, ProcessInfo } from '../../../src/sources/claude/probe/probe';
import type { PaneInfo } from '../../../src/model/session/transcript';

const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
const domain = 'linux:0123:pid:[1]';

const registered = (fields: object = {}) =>
  JSON.stringify({
    pid: 50,
    sessionId,
    cwd: '/srv/platform',
    kind: 'interactive',
    entrypoint: 'cli',
    status: 'idle',
    startedAt: 1_700_000_000_400,
    procStart: '777',
    pidDomain: domain,
    ...fields,
  });

const process = (pid: number, parent: number, fields: Partial<ProcessInfo> = {}): [number, ProcessInfo] => [
  pid,
  { pid, parent, start: { ticks: '777' }, zombie: false, command: 'claude', ...fields },
];

const pane = (fields: Partial<PaneInfo> = {}): PaneInfo => ({
  socket: '/tmp/tmux-1/default',
  id: '%3',
  sessionName: 'mine',
  pid: 40,
  attached: 0,
  windows: 1,
  createdAt: 0,
  ...fields,
});

const found = (fields: Partial<Probe> = {}): Probe => ({
  clock: 0,
  home: '/home/dev',
  configDir: '/home/dev/.claude',
  pidDomain: domain,
  registry: [{ pid: 50, alive: true, text: registered() }],
  processes: new Map([process(50, 40), process(40, 1, { command: 'bash' })]),
  naming: [],
  panes: [],
  problems: [],
  ...fields,
});

const file = (fields: object, alive: boolean | 'notTold' = true) => [
  { pid: 50, ...(alive === 'notTold' ? {} : { alive }), text: registered(fields) },
];
const running = (fields: Partial<ProcessInfo>) => new Map([process(50, 40, fields)]);

describe('the live registry', () => {
  const cases: { name: string; probe: Partial<Probe>; is: 'live' | 'gone' | 'reused' | 'otherDomain' }[] = [
    { name: 'a process with its start time', probe: {}, is: 'live' },
    {
      name: 'a process that is gone',
      probe: { registry: file({}, false), processes: new Map() },
      is: 'gone',
    },
    { name: 'a zombie', probe: { processes: running({ zombie: true }) }, is: 'gone' },
    {
      name: 'a pid that another process has now',
      probe: { processes: running({ start: { ticks: '888' } }) },
      is: 'reused',
    },
    { name: 'a process whose row is missing', probe: { processes: new Map() }, is: 'live' },
    { name: 'an entry without start time', probe: { registry: file({ procStart: undefined }) }, is: 'live' },
    { name: 'a start time that is a number', probe: { registry: file({ procStart: 777 }) }, is: 'live' },
    {
      name: 'another container, though the pid lives here',
      probe: { registry: file({ pidDomain: 'linux:0123:pid:[2]' }) },
      is: 'otherDomain',
    },
    {
      name: 'another container, pid not here',
      probe: { registry: file({ pidDomain: 'linux:0123:pid:[2]' }, false) },
      is: 'otherDomain',
    },
    {
      name: 'an old version without domain, alive',
      probe: { registry: file({ pidDomain: undefined }) },
      is: 'live',
    },
    {
      name: 'an old version without domain, gone',
      probe: { registry: file({ pidDomain: undefined }, false), processes: new Map() },
      is: 'otherDomain',
    },
    {
      name: 'a host without proc, started when it says',
      probe: {
        pidDomain: undefined as never,
        registry: file({}, 'notTold'),
        processes: running({ start: { at: 1_700_000_000_000 } }),
      },
      is: 'live',
    },
    {
      name: 'a host without proc, started at another time',
      probe: {
        pidDomain: undefined as never,
        registry: file({}, 'notTold'),
        processes: running({ start: { at: 1_700_000_900_000 } }),
      },
      is: 'otherDomain',
    },
    {
      name: 'a host without proc, gone',
      probe: { pidDomain: undefined as never, registry: file({}, 'notTold'), processes: new Map() },
      is: 'otherDomain',
    },
  ];
  for (const { name, probe, is } of cases)
    it(`takes ${name} for ${is}`, () => {
      const { live, stale } = readLive(found(probe));
      assert.deepEqual(
        [live.map(({ pid }) => pid), stale],
        is === 'live' ? [[50], []] : [[], [{ sessionId, pid: 50, why: is }]],
      );
    });

  it('learns the domain from a process that is proven to be of this machine', () => {
    const { pidDomain, stale } = readLive(
      found({
        pidDomain: undefined as never,
        registry: [
          { pid: 50, text: registered({ pidDomain: 'darwin:abc' }) },
          { pid: 60, text: registered({ pid: 60, pidDomain: 'darwin:abc' }) },
        ],
        processes: running({ start: { at: 1_700_000_000_000 } }),
      }),
    );
    assert.equal(pidDomain, 'darwin:abc');
    assert.deepEqual(stale, [{ sessionId, pid: 60, why: 'gone' }]);
  });

  it('reads what it knows and leaves out what it does not', () => {
    const { live, unread, problems } = readLive(
      found({
        registry: [
          {
            pid: 50,
            alive: true,
            text: registered({
              sessionId: sessionId.toUpperCase(),
              status: 7,
              kind: 'bg',
              jobId: '5f1d9b2e',
              waitingFor: 'permission\u001b prompt',
              zoo: 1,
            }),
          },
          { pid: 51, alive: true, text: '{"pid":51,' },
          { pid: 52, alive: true, text: '' },
          { pid: 53, alive: true, text: registered({ pid: 54 }) },
          { pid: 55, alive: true, text: registered({ pid: 55, sessionId: '../../etc' }) },
          { pid: 56, alive: false, text: '' },
        ],
      }),
    );
    assert.deepEqual(live, [
      {
        pid: 50,
        sessionId,
        directory: '/srv/platform',
        kind: 'bg',
        entrypoint: 'cli',
        waitingFor: 'permission prompt',
        jobId: '5f1d9b2e',
        startedAt: 1_700_000_000_400,
        pidDomain: domain,
      },
    ]);
    assert.deepEqual(unread, [51, 52, 53, 55]);
    assert.deepEqual(problems, ['sessions/51.json cannot be read', 'sessions/55.json cannot be read']);
  });

  describe('finds the pane', () => {
    const paneOf = (probe: Partial<Probe>) => readLive(found(probe)).live[0]?.pane?.id;
    it('that started the process or an ancestor', () =>
      assert.equal(paneOf({ panes: [pane({ pid: 1, id: '%1' }), pane()] }), '%3'));
    it('by its terminal', () =>
      assert.equal(
        paneOf({ panes: [pane({ pid: 9, tty: '/dev/pts/4' })], processes: running({ tty: '/dev/pts/4' }) }),
        '%3',
      ));
    it('unless it is dead', () =>
      assert.equal(paneOf({ panes: [pane({ dead: { status: 0 } })] }), undefined));
    it('or none', () => assert.equal(paneOf({ panes: [pane({ pid: 9, tty: '/dev/pts/4' })] }), undefined));
  });

  it('counts as naming only what the registry does not explain', () => {
    const other = '9c02aa17-7c44-4c1b-9a1e-2b8f0f5f6a01';
    const { naming } = readLive(
      found({
        naming: [
          { pid: 50, sessionId: other }, // Resumed as another, then /clear.
          { pid: 40, sessionId: other }, // The shell that started it.
          { pid: 70, sessionId: other },
        ],
        processes: new Map([
          process(50, 40),
          process(40, 1),
          process(70, 71, { command: 'less' }),
          process(71, 1),
        ]),
        panes: [pane({ pid: 71 })],
      }),
    );
    assert.deepEqual(naming, [
      {
        pid: 70,
        sessionId: other,
        command: 'less',
        pane: { socket: '/tmp/tmux-1/default', id: '%3', sessionName: 'mine' },
      },
    ]);
  });
});
