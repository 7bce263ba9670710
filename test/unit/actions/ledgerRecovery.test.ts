import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerRecovery, type LedgerRecoveryOptions } from '../../../src/actions/ledgerRecovery';
import type { RecordClaim } from '../../../src/model/record/record';
import type { TerminalInfo } from '../../../src/model/session/session';
import type { HostReport } from '../../../src/model/session/transcript';
import { emptySnapshot, type HostState } from '../../../src/model/task/task';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { claim, clock, dana, entry, id, pat, report, settings, transcript } from '../model/examples';

describe('a ledger that is lost', () => {
  let directory: string;
  let ledger: Ledger;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-recovery-'));
    await mkdir(join(directory, 'ledger'));
    await writeFile(join(directory, 'ledger', 'g7.json'), '{');
    ledger = new Ledger(directory, { now: () => 9 });
  });
  afterEach(() => rm(directory, { recursive: true }));

  interface World {
    terminals?: TerminalInfo[];
    reports?: HostReport[];
    hosts?: HostState[];
    claims?: RecordClaim[];
    signedIn?: boolean;
  }
  const laptop = { name: 'laptop', local: true };

  function recovery({
    terminals = [],
    reports = [report('laptop')],
    hosts = [laptop],
    claims = [],
    signedIn = true,
  }: World) {
    const options = {
      settings: settings(),
      store: {
        snapshot: { ...emptySnapshot, hosts, terminals },
        report: (name: string) => reports.find(({ host }) => host === name),
        claims: () => claims,
      },
      account: {
        state: { signedIn },
        jira: () => Promise.resolve({ connection: { user: pat } }),
      },
      repositories: { places: () => Promise.resolve([]), host: () => undefined },
      reports: [{ name: 'laptop', names: ['laptop', 'lap'] }],
      ledger,
      log: silentLog,
      env: {},
      now: () => 5,
    };
    return new LedgerRecovery(options as unknown as LedgerRecoveryOptions);
  }

  const terminal = (fields: Partial<TerminalInfo> = {}): TerminalInfo => ({
    host: 'laptop',
    name: 'PAY-1-00000001',
    attached: 0,
    windows: 1,
    createdAt: clock,
    key: 'PAY-1',
    sessionId: id(1),
    ...fields,
  });
  const withFirst = (firstActivity: number): HostReport =>
    report('laptop', { transcripts: [transcript({ firstActivity })] });
  const live = (startedAt: number): HostReport =>
    report('laptop', {
      live: [{ sessionId: id(1), pid: 1, kind: 'interactive', directory: '/', startedAt }],
    });

  const opened: [what: string, world: World, found: (string | undefined)[][]][] = [
    ['began in our terminal was started by us', { terminals: [terminal()], reports: [withFirst(clock + 1)] }, [['started', 'PAY-1']]],
    ['is older than our terminal was only opened in it', { terminals: [terminal()], reports: [withFirst(clock - 60_000)] }, [['seen', undefined]]],
    ['has a copy that is older was not begun there', { terminals: [terminal()], reports: [report('laptop', { transcripts: [transcript({ firstActivity: clock }), transcript({})] })] }, [['seen', undefined]]],
    ['has no prompt yet began where its process did', { terminals: [terminal()], reports: [live(clock + 1)] }, [['started', 'PAY-1']]],
    ['tells not when it began was only opened there', { terminals: [terminal()] }, [['seen', undefined]]],
    ['has a terminal without a task is linked to none', { terminals: [terminal({ key: undefined as never })], reports: [withFirst(clock)] }, [['seen', undefined]]],
    ['has a terminal with what is no key is linked to none', { terminals: [terminal({ key: 'pay' })], reports: [withFirst(clock)] }, [['seen', undefined]]],
    ['is none, by its id, is nothing', { terminals: [terminal({ sessionId: 'rm -rf' })], reports: [withFirst(clock)] }, []],
    ['is on a host that said nothing is left out', { terminals: [terminal()], reports: [] }, []],
  ]; // prettier-ignore
  for (const [what, world, found] of opened)
    it(`tells that a session which ${what}`, async () => {
      await recovery(world).rebuild();
      assert.deepEqual((await ledger.read()).entries.map((one) => [one.evidence, one.key]), found); // prettier-ignore
    });

  it('knows our own records, and nobody else’s', async () => {
    const claims = [
      claim({ sessionId: id(1), host: 'lap', commentId: '7', updated: 3 }),
      claim({ sessionId: id(2), host: 'lap', author: dana }),
      claim({ sessionId: id(3), host: 'mars' }),
      claim({ sessionId: id(4) }),
    ];
    await recovery({ claims, signedIn: false }).rebuild();
    assert.deepEqual((await ledger.read()).entries, []);
    await writeFile(join(directory, 'ledger', 'g9.json'), '{');
    await recovery({ claims, terminals: [terminal()], reports: [withFirst(clock)] }).rebuild();
    const [only, ...others] = (await ledger.read()).entries;
    assert.deepEqual([only?.sessionId, only?.evidence, only?.host, others], [id(1), 'started', 'laptop', []]);
    assert.deepEqual(only?.published, { issueKey: 'PAY-1', commentId: '7', at: 3 });
  });

  it('stays lost while a host has not told, and takes nothing back that was said since', async () => {
    const devserver = { name: 'devserver', local: false, error: 'It does not answer.' };
    const world: World = { terminals: [terminal()], reports: [withFirst(clock)], hosts: [laptop, devserver] };
    assert.equal((await ledger.condition()).lost, true);
    await ledger.remember(entry({ evidence: 'linked', key: 'PAY-2' }));
    assert.equal((await ledger.condition()).lost, true);
    assert.deepEqual((await recovery(world).rebuild()).silent, ['devserver']);
    assert.equal((await ledger.condition()).lost, true);
    assert.deepEqual((await recovery({ ...world, hosts: [laptop] }).rebuild()).silent, []);
    const { lost, entries, aside } = await ledger.condition();
    assert.deepEqual([lost, entries, aside.length], [false, 1, 1]);
    assert.deepEqual((await ledger.read()).entries.map((one) => [one.evidence, one.key]), [['linked', 'PAY-2']]); // prettier-ignore
  });
});
