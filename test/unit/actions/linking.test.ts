import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linking } from '../../../src/actions/session/linking';
import { SnapshotStore, type ReportSource } from '../../../src/actions/store';
import type { Issue } from '../../../src/model/task/issue';
import type { Session } from '../../../src/model/session/session';
import type { HostReport } from '../../../src/model/session/transcript';
import { JiraError } from '../../../src/sources/jira/errors';
import type { Jira } from '../../../src/sources/jira/jira';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { claim, clock, entry, id, issue, report, settings, transcript } from '../model/examples';

describe('linking', () => {
  let folder: string;
  let ledger: Ledger;
  let issues: Issue[];
  let reports: HostReport[];
  let signedIn: boolean;
  let url: string;
  /** What Jira answers to the name of an issue that is not listed. */
  let issueName: (key: string) => Promise<{ id: string; key: string; summary: string }>;
  let store: SnapshotStore;
  let linking: Linking;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ts-linking-'));
    ledger = new Ledger(folder);
    issues = [issue('PAY-1'), issue('PAY-2')];
    reports = [report('laptop', { transcripts: [transcript({ branch: 'main' })] })];
    signedIn = true;
    url = 'https://jira.example';
    issueName = () => Promise.reject(new JiraError({ kind: 'notFound', messages: [], host: 'jira' }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Looks at everything, as a window does before anybody decides. */
  async function look(): Promise<void> {
    const hosts = reports.map((one): ReportSource => ({
      name: one.host,
      local: one.host === 'laptop',
      names: [one.host],
      report: () => Promise.resolve(one),
    }));
    store = new SnapshotStore(
      settings(),
      {
        issues: { state: { signedIn: true, url }, refresh: async () => ({ issues, changed: true }) },
        hosts,
        branches: { names: () => new Map(), read: async () => new Map() },
        ledger,
        cache: { read: async () => undefined, write: async () => {}, forget: async () => {} },
        supervised: async () => [],
      },
      silentLog,
      () => clock,
    );
    await store.refresh();
    const jira = { issueName: (key: string) => issueName(key) } as unknown as Jira;
    const account = { state: { signedIn, url }, jira: () => Promise.resolve(jira) };
    linking = new Linking({ store, account, ledger, now: () => clock });
  }

  const seen = (host = 'laptop'): Session => {
    const found = store.snapshot.sessions.find((one) => one.id === id(1) && one.host === host);
    assert.ok(found, `no session on ${host}`);
    return found;
  };
  const bound = (host = 'laptop') => [seen(host).key, seen(host).evidence];
  const candidateOf = () =>
    store.snapshot.tasks
      .filter(({ sessions }) => sessions.some(({ evidence }) => evidence === 'candidate'))
      .map(({ key }) => key);
  const free = [undefined, undefined];

  it('binds at once, as the user said, and can be undone', async () => {
    await look();
    const decision = await linking.link(seen(), ' pay-1 ');
    assert.deepEqual([decision.key, decision.changed, decision.warning], ['PAY-1', true, undefined]);
    assert.deepEqual(bound(), ['PAY-1', 'ledger']);
    assert.equal(await decision.undo(), true);
    assert.deepEqual(bound(), free);
    assert.deepEqual((await ledger.read()).entries, []);
  });

  it('twice is once', async () => {
    await look();
    await linking.link(seen(), 'PAY-1');
    const before = await ledger.read();
    const again = await linking.link(seen(), 'PAY-1');
    assert.equal(again.changed, false);
    assert.deepEqual(await ledger.read(), before);
    await again.undo();
    assert.deepEqual(bound(), ['PAY-1', 'ledger']);
  });

  it('takes nothing from who decided anew meanwhile', async () => {
    await look();
    const first = await linking.link(seen(), 'PAY-1');
    await linking.link(seen(), 'PAY-2');
    assert.equal(await first.undo(), false);
    assert.deepEqual(bound(), ['PAY-2', 'ledger']);
  });

  it('undone, leaves what else was noted since', async () => {
    await look();
    const published = { issueKey: 'PAY-1', commentId: '100', at: 3 };
    const decision = await linking.link(seen(), 'PAY-1');
    await ledger.rename(id(1), 'laptop', 'Mine');
    await ledger.notePublished(id(1), 'laptop', published);
    assert.equal(await decision.undo(), true);
    assert.deepEqual(bound(), free);
    const [known] = (await ledger.read()).entries;
    assert.deepEqual([known?.evidence, known?.name, known?.published], ['seen', 'Mine', published]);
  });

  it('adds up what two windows say at once', async () => {
    await look();
    // Each window has read the ledger before the other one writes.
    const stale = (await ledger.read()).entries;
    const other = new Linking({
      store,
      account: { state: { signedIn }, jira: () => Promise.reject(new Error('nobody asks')) },
      ledger: {
        read: async () => ({ ...(await ledger.read()), entries: stale }),
        revise: (...given) => ledger.revise(...given),
        restore: (...given) => ledger.restore(...given),
      },
    });
    await linking.link(seen(), 'PAY-1');
    await ledger.rename(id(1), 'laptop', 'Mine');
    await other.unlink({ ...seen(), evidence: 'candidate', key: 'PAY-2' }, 'PAY-2');
    const [known] = (await ledger.read()).entries;
    assert.deepEqual([known?.evidence, known?.key, known?.rejected], ['linked', 'PAY-1', ['PAY-2']]);
    assert.equal(known?.name, 'Mine');
  });

  it('holds for the host that was meant', async () => {
    reports.push(report('devserver', { transcripts: [transcript()] }));
    await look();
    await linking.link(seen('devserver'), 'PAY-1');
    const { entries } = await ledger.read();
    assert.deepEqual(
      entries.map(({ host, key }) => [host, key]),
      [['devserver', 'PAY-1']],
    );
  });

  it('remembers where the session works, unless only a record says so', async () => {
    issues[0]!.claims = [claim({ sessionId: id(2), host: 'laptop', directory: '/etc' })];
    await look();
    await linking.link(seen(), 'PAY-1');
    await linking.link(
      store.snapshot.sessions.find((one) => one.id === id(2))!,
      'PAY-2',
    );
    assert.deepEqual(
      (await ledger.read()).entries.map(({ directory, branch }) => [directory, branch]),
      [
        ['/srv/platform', 'main'],
        [undefined, undefined],
      ],
    );
  });

  describe('in one of two Jiras with the same keys', () => {
    /** The same person, who works with another Jira. */
    const lookIn = async (address: string): Promise<void> => {
      url = address;
      await look();
    };

    it('binds in that one', async () => {
      await lookIn('https://test.example:8443/jira');
      await linking.link(seen(), 'PAY-1');
      await ledger.rename(id(1), 'laptop', 'Mine');
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
      await lookIn('https://jira.example');
      assert.deepEqual([...bound(), seen().title], [undefined, undefined, 'Mine']);
      await lookIn('https://test.example:8443');
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
    });

    it('takes nothing back in the other', async () => {
      issues[0]!.claims = [claim({ sessionId: id(1) })];
      await lookIn('https://test.example');
      await linking.unlink(seen());
      assert.deepEqual(bound(), free);
      await lookIn('https://jira.example');
      assert.deepEqual(bound(), ['PAY-1', 'record']);
      const { changed, undo } = await linking.link(seen(), 'PAY-1');
      assert.deepEqual([changed, ...bound()], [true, 'PAY-1', 'ledger']);
      await undo();
      await lookIn('https://test.example');
      assert.deepEqual(bound(), free);
    });

    it('of before, when no Jira was noted, binds in both', async () => {
      await ledger.remember(entry({ key: 'PAY-1' }));
      for (const address of ['https://test.example', 'https://jira.example']) {
        await lookIn(address);
        assert.deepEqual(bound(), ['PAY-1', 'ledger']);
      }
    });

    it('has its worktrees to itself', async () => {
      const directory = '/srv/platform';
      await ledger.rememberWorktree({ key: 'PAY-1', jira: 'test.example', host: 'laptop', directory, createdAt: 1 }); // prettier-ignore
      await lookIn('https://test.example');
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
      await lookIn('https://jira.example');
      assert.deepEqual(bound(), free);
    });
  });

  describe('warns', () => {
    it('of a record on another issue', async () => {
      issues[1]!.claims = [claim({ sessionId: id(1), issueKey: 'PAY-2' })];
      await look();
      const { warning } = await linking.link(seen(), 'PAY-1');
      assert.equal(
        warning,
        'It belonged to PAY-2 until now (recorded by Pat). A record on PAY-2 names this session: everybody else sees it there.',
      );
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
    });

    it('of a task that loses the session', async () => {
      await look();
      await linking.link(seen(), 'PAY-1');
      const { warning } = await linking.link(seen(), 'PAY-2');
      assert.equal(warning, 'It belonged to PAY-1 until now (linked by you).');
    });

    it('of our own record elsewhere', async () => {
      await look();
      await ledger.notePublished(id(1), 'laptop', { issueKey: 'PAY-2', commentId: '7', at: 1 });
      assert.equal((await linking.link(seen(), 'PAY-1')).warning, 'Your record on PAY-2 still names it.');
    });
  });

  describe('to a key that is not listed', () => {
    const refused = async (key: string, says: RegExp): Promise<void> => {
      await look();
      await assert.rejects(linking.link(seen(), key), says);
      assert.deepEqual(bound(), free);
      assert.deepEqual((await ledger.read()).entries, []);
    };

    it('asks Jira, and follows an issue that moved', async () => {
      issueName = (key) => Promise.resolve({ id: '9', key: key === 'OLD-9' ? 'NEW-9' : key, summary: '' });
      await look();
      assert.equal((await linking.link(seen(), 'OLD-9')).key, 'NEW-9');
      assert.deepEqual(bound(), ['NEW-9', 'ledger']);
    });

    it('refuses what is no key', () => refused('../PAY-1', /^UserError: "..\/PAY-1" is not a task key\.$/));

    it('refuses what Jira does not know', () =>
      refused('PAY-99', /^UserError: Jira knows no issue PAY-99, or does not show it to you\.$/));

    it('refuses while Jira cannot be asked', async () => {
      issueName = () => Promise.reject(new JiraError({ kind: 'server', status: 503, host: 'jira' }));
      await refused('PAY-99', /not among your tasks, and Jira could not be asked: jira has trouble/);
      signedIn = false;
      await refused('PAY-99', /not among your tasks, and Jira cannot be asked: you are not signed in\.$/);
    });
  });

  describe('taken back', () => {
    it('from a record binds no more, until it is undone', async () => {
      issues[0]!.claims = [claim({ sessionId: id(1) })];
      await look();
      assert.deepEqual(bound(), ['PAY-1', 'record']);
      const decision = await linking.unlink(seen());
      assert.deepEqual([decision.key, decision.changed], ['PAY-1', true]);
      assert.deepEqual(bound(), free);
      assert.equal((await linking.unlink(seen())).changed, false);
      await decision.undo();
      assert.deepEqual(bound(), ['PAY-1', 'record']);
    });

    it('from the worktree that we made for a task', async () => {
      await ledger.rememberWorktree({
        key: 'PAY-1',
        host: 'laptop',
        directory: '/srv/platform',
        createdAt: 1,
      });
      await look();
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
      await linking.unlink(seen());
      assert.deepEqual(bound(), free);
    });

    it('from what we started, with its flags kept for the undo', async () => {
      await ledger.remember(entry({ key: 'PAY-1', flags: ['--model', 'opus'] }));
      await look();
      const { undo } = await linking.unlink(seen());
      assert.deepEqual(bound(), free);
      await undo();
      const [restored] = (await ledger.read()).entries;
      assert.deepEqual([restored?.evidence, restored?.flags], ['started', ['--model', 'opus']]);
    });

    it('from every task that it is a candidate of, and from each for good', async () => {
      reports[0]!.transcripts[0]!.firstPrompt = 'Do PAY-1 and PAY-2';
      await look();
      assert.deepEqual(candidateOf(), ['PAY-1', 'PAY-2']);
      const { undo } = await linking.unlink(seen());
      assert.deepEqual(candidateOf(), []);
      await undo();
      await linking.unlink(seen(), 'PAY-1');
      assert.deepEqual(candidateOf(), ['PAY-2']);
      await linking.unlink(seen(), 'PAY-2');
      assert.deepEqual(candidateOf(), []);
      await linking.link(seen(), 'PAY-1');
      await linking.unlink(seen());
      assert.deepEqual([...bound(), ...candidateOf()], free);
    });

    it('from a candidate leaves the link to another task', async () => {
      reports[0]!.transcripts[0]!.firstPrompt = 'Do PAY-2';
      await look();
      await linking.link(seen(), 'PAY-1');
      await linking.unlink(seen(), 'PAY-2');
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
      await linking.unlink(seen());
      assert.deepEqual([...bound(), ...candidateOf()], free);
    });

    it('and linked again, it is linked', async () => {
      issues[0]!.claims = [claim({ sessionId: id(1) })];
      await look();
      await linking.unlink(seen());
      await linking.link(seen(), 'PAY-1');
      assert.deepEqual(bound(), ['PAY-1', 'ledger']);
    });

    it('is refused for a session that nothing links', async () => {
      await look();
      await assert.rejects(linking.unlink(seen()), /^UserError: Session 00000001 is linked to no task\.$/);
    });
  });
});
