import assert from 'node:assert/strict';
import { freshMs, liveIn, liveness, quietMs, sessionState } from '../../../src/model/session/liveness';
import { runTerminalName } from '../../../src/model/names';
import type { Liveness, StateOnHost } from '../../../src/model/session/liveness';
import type {
  HostReport,
  LiveEntry,
  PaneInfo,
  TranscriptSummary,
} from '../../../src/model/session/transcript';

const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
const other = '9c02aa17-7c44-4c1b-9a1e-2b8f0f5f6a01';
const clock = 1_700_000_000_000;
const pane = { socket: '/tmp/tmux-1/default', id: '%3', sessionName: 'mine' };

const entry = (fields: Partial<LiveEntry> = {}): LiveEntry => ({
  pid: 50,
  sessionId,
  directory: '/srv/platform',
  kind: 'interactive',
  entrypoint: 'cli',
  status: 'idle',
  startedAt: clock - 60_000,
  ...fields,
});

const transcript = (age = 3_600_000): TranscriptSummary => ({
  id: sessionId,
  fileId: sessionId,
  path: `./-srv-platform/${sessionId}.jsonl`,
  size: 1,
  modifiedAt: clock - age,
  hasConversation: true,
  directories: [],
});

const paneInfo = (fields: Partial<PaneInfo> = {}): PaneInfo => ({
  ...pane,
  pid: 40,
  attached: 0,
  windows: 1,
  createdAt: 0,
  ...fields,
});

const report = (fields: Partial<HostReport> = {}): HostReport => ({
  host: 'devserver',
  at: clock + 500_000, // Our clock is off.
  clock,
  home: '/home/dev',
  configDir: '/home/dev/.claude',
  pidDomain: 'linux:0123:pid:[1]',
  transcripts: [transcript()],
  live: [],
  stale: [],
  naming: [],
  panes: [],
  cleanupPeriodDays: 30,
  problems: [],
  ...fields,
});

const stale = (why: HostReport['stale'][number]['why'], id = sessionId) => [{ sessionId: id, pid: 50, why }];
const naming = (command: string, fields: object = {}) => [{ pid: 70, sessionId, command, ...fields }];

interface Case {
  name: string;
  report: HostReport | undefined;
  is: Liveness['kind'];
  state: StateOnHost;
}

const working = { state: 'working' } as const;
const idle = { state: 'idle' } as const;
const unknown = { state: 'unknown' } as const;

const cases: Case[] = [
  { name: 'a host that does not answer', report: undefined, is: 'unknown', state: unknown },
  { name: 'no trace of anybody', report: report(), is: 'dead', state: { state: 'ended' } },
  {
    name: 'no transcript either',
    report: report({ transcripts: [] }),
    is: 'dead',
    state: { state: 'missing' },
  },

  { name: 'alive in a tmux pane', report: report({ live: [entry({ pane })] }), is: 'attach', state: idle },
  {
    name: 'alive in a terminal of its own',
    report: report({ live: [entry()] }),
    is: 'elsewhere',
    state: idle,
  },
  {
    name: 'alive, and busy',
    report: report({ live: [entry({ status: 'busy' })] }),
    is: 'elsewhere',
    state: working,
  },
  {
    name: 'alive with a shell',
    report: report({ live: [entry({ status: 'shell' })] }),
    is: 'elsewhere',
    state: idle,
  },
  {
    name: 'alive, just starting',
    report: report({ live: [entry({ status: undefined as never })] }),
    is: 'elsewhere',
    state: idle,
  },
  {
    name: 'alive, with a word of the future',
    report: report({ live: [entry({ status: 'dreaming' })] }),
    is: 'elsewhere',
    state: unknown,
  },
  {
    name: 'alive, waiting',
    report: report({ live: [entry({ status: 'waiting', waitingFor: 'permission prompt' })] }),
    is: 'elsewhere',
    state: { state: 'waiting', waitingFor: 'permission prompt' },
  },
  {
    name: 'a background session',
    report: report({ live: [entry({ kind: 'bg', jobId: '5f1d9b2e' })] }),
    is: 'background',
    state: idle,
  },
  {
    name: 'a run without a screen',
    report: report({ live: [entry({ entrypoint: 'sdk-cli', status: 'busy' })] }),
    is: 'detached',
    state: working,
  },
  {
    name: 'a run that just starts',
    report: report({ live: [entry({ entrypoint: 'sdk-cli', status: undefined as never })] }),
    is: 'detached',
    state: working,
  },
  {
    name: 'a run in a pane',
    report: report({ live: [entry({ entrypoint: 'sdk-cli', status: 'busy', pane })] }),
    is: 'attach',
    state: working,
  },
  {
    name: 'alive twice, once in a pane',
    report: report({ live: [entry({ pid: 1, status: 'busy' }), entry({ pane })] }),
    is: 'attach',
    state: idle,
  },
  {
    name: 'alive, the transcript being written',
    report: report({ live: [entry({ pane })], transcripts: [transcript(0)] }),
    is: 'attach',
    state: idle,
  },
  {
    name: 'another session alive',
    report: report({ live: [entry({ sessionId: other })] }),
    is: 'dead',
    state: { state: 'ended' },
  },

  {
    name: 'a registry file of a killed process',
    report: report({ stale: stale('gone') }),
    is: 'dead',
    state: { state: 'ended' },
  },
  {
    name: 'a pid that another process has now',
    report: report({ stale: stale('reused') }),
    is: 'dead',
    state: { state: 'ended' },
  },
  {
    name: 'a registry file from another container',
    report: report({ stale: stale('otherDomain') }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: "another session's file from another container",
    report: report({ stale: stale('otherDomain', other) }),
    is: 'dead',
    state: { state: 'ended' },
  },

  {
    name: 'a process that names it',
    report: report({ naming: naming('less') }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a process in a pane that names it',
    report: report({ naming: naming('less', { pane }) }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a Claude in a pane that names it',
    report: report({ naming: naming('claude', { pane }) }),
    is: 'attach',
    state: unknown,
  },
  {
    name: 'a Claude without a pane that names it',
    report: report({ naming: naming('claude') }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'killed, but named by a process',
    report: report({ stale: stale('gone'), naming: naming('node') }),
    is: 'unknown',
    state: unknown,
  },

  {
    name: 'our own terminal, where Claude starts',
    report: report({ panes: [paneInfo({ sessionId })] }),
    is: 'attach',
    state: unknown,
  },
  {
    name: 'our own terminal, dead',
    report: report({ panes: [paneInfo({ sessionId, dead: { status: 1 } })] }),
    is: 'dead',
    state: { state: 'ended' },
  },
  {
    name: 'our own terminal, where /clear has made another session',
    report: report({ panes: [paneInfo({ sessionId })], live: [entry({ sessionId: other, pane })] }),
    is: 'dead',
    state: { state: 'ended' },
  },
  {
    name: 'a host where a process lives whose registry file cannot be read',
    report: report({ unread: [77] }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a session that lives for certain, beside a registry file that cannot be read',
    report: report({ unread: [77], live: [entry({ pane })] }),
    is: 'attach',
    state: { state: 'idle' },
  },
  {
    name: 'a host whose registry cannot be read',
    report: report({ registryUnread: true }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a transcript just written',
    report: report({ transcripts: [transcript(quietMs - 1)] }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a transcript quiet long enough',
    report: report({ transcripts: [transcript(quietMs)] }),
    is: 'dead',
    state: { state: 'ended' },
  },
  {
    name: 'killed, the transcript just written',
    report: report({ stale: stale('gone'), transcripts: [transcript(1000)] }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a copy just written',
    report: report({ transcripts: [transcript(), transcript(1000)] }),
    is: 'unknown',
    state: unknown,
  },
  {
    name: 'a transcript from the future',
    report: report({ transcripts: [transcript(-90_000)] }),
    is: 'unknown',
    state: unknown,
  },
];

describe('liveness', () => {
  for (const { name, report, is, state } of cases)
    it(`takes ${name} for ${is}, ${state.state}`, () => {
      assert.equal(liveness({ sessionId, report }).kind, is);
      assert.deepEqual(sessionState(sessionId, report), state);
    });

  it('attaches to the very pane, and says which process it is', () => {
    const process = entry({ pane });
    assert.deepEqual(liveness({ sessionId, report: report({ live: [process] }) }), {
      kind: 'attach',
      pane,
      process,
    });
  });

  it('opens no terminal of a run, where typing ends it', () => {
    const ofRun = { ...pane, sessionName: runTerminalName(other, 'PAY-456') };
    const of = (fields: Partial<HostReport>) => liveness({ sessionId, report: report(fields) }).kind;
    assert.equal(of({ live: [entry({ pane: ofRun, entrypoint: 'sdk-cli' })] }), 'detached');
    const naming = [{ pid: 9, sessionId, command: 'claude', pane: ofRun }];
    assert.equal(of({ naming }), 'unknown');
    assert.equal(of({ naming: [{ ...naming[0]!, pane }] }), 'attach');
  });

  it('says where it lives', () => {
    const process = entry();
    assert.deepEqual(liveness({ sessionId, report: report({ live: [process] }) }), {
      kind: 'elsewhere',
      host: 'devserver',
      process,
    });
  });

  it('says how long to wait until a transcript is quiet', () => {
    const told = liveness({ sessionId, report: report({ transcripts: [transcript(4000)] }) });
    assert.deepEqual(told, {
      kind: 'unknown',
      why: 'its transcript was written 4 s ago',
      retryInMs: quietMs - 4000,
    });
  });

  it('looks again where a registry file may just be being written, and asks where the whole registry is closed', () => {
    const retryOf = (life: Liveness) => (life.kind === 'unknown' ? life.retryInMs : -1);
    assert.equal(retryOf(liveness({ sessionId, report: report({ unread: [77] }) })), 1000);
    assert.equal(retryOf(liveness({ sessionId, report: report({ registryUnread: true }) })), undefined);
  });

  it('trusts no old report where it matters', () => {
    const at = report().at;
    assert.equal(liveness({ sessionId, report: report(), now: at + freshMs }).kind, 'dead');
    const old = liveness({ sessionId, report: report({ live: [entry({ pane })] }), now: at + 300_000 });
    assert.deepEqual(old, { kind: 'unknown', why: 'devserver was last seen 5 min ago', retryInMs: 0 });
  });
});

describe('what lives in a directory', () => {
  const lives = (directory: string): string[] =>
    liveIn('/srv/platform', report({ live: [entry({ directory })] })).map((one) => one.directory);

  it('is there or below, and in nothing that is only called alike', () => {
    for (const directory of ['/srv/platform', '/srv/platform/src'])
      assert.deepEqual(lives(directory), [directory]);
    for (const directory of ['/srv', '/srv/platform-2', '/other/srv/platform', ''])
      assert.deepEqual(lives(directory), []);
  });
});
