import assert from 'node:assert/strict';
import { SnapshotStore, type StoreSources } from '../../../src/actions/store';
import { CancelledError, UserError } from '../../../src/model/errors';
import type { Issue } from '../../../src/model/task/issue';
import type { Snapshot } from '../../../src/model/task/task';
import type { HostReport } from '../../../src/model/session/transcript';
import type { CachedPicture } from '../../../src/state/snapshotCache';
import type { Log } from '../../../src/util/log';
import { clock, id, issue, report, settings, transcript } from '../model/examples';

/** A source that is asked, and answers when the test says so. */
class Asked<T> {
  readonly questions: {
    answer(value: T): void;
    fail(error: unknown): void;
    signal: AbortSignal | undefined;
  }[] = [];
  /** How often it was asked. */
  count = 0;

  ask(signal?: AbortSignal): Promise<T> {
    this.count++;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      this.questions.push({ answer: resolve, fail: reject, signal });
    });
  }

  private next() {
    const question = this.questions.shift();
    assert.ok(question, 'was not asked');
    return question;
  }

  answer(value: T): void {
    this.next().answer(value);
  }

  fail(error: unknown): void {
    this.next().fail(error);
  }
}

const down = new UserError('Jira does not answer.', 'Try again later.');
const one = issue('PAY-1');
const two = issue('PAY-2');

describe('the store', () => {
  let now: number;
  let jira: Asked<Issue[]>;
  let laptop: Asked<HostReport | undefined>;
  let devserver: Asked<HostReport | undefined>;
  let branches: { read: Asked<Map<string, { docs: [] }>>; of: string[][] };
  let state: { signedIn: boolean; url?: string };
  let options: { full?: boolean }[];
  let cached: CachedPicture | undefined;
  let written: CachedPicture[];
  let forgotten: number;
  let warnings: string[];
  let sources: StoreSources;
  let store: SnapshotStore;
  let shown: Snapshot[];

  const log: Log = {
    debug() {},
    info() {},
    warn: (message) => void warnings.push(message),
    error: (message) => void warnings.push(message),
  };

  beforeEach(() => {
    now = clock;
    jira = new Asked();
    laptop = new Asked();
    devserver = new Asked();
    branches = { read: new Asked(), of: [] };
    state = { signedIn: true, url: 'https://jira.example' };
    options = [];
    cached = undefined;
    written = [];
    forgotten = 0;
    warnings = [];
    sources = {
      issues: {
        get state() {
          return state;
        },
        refresh: async ({ signal, ...rest }) => {
          options.push(rest);
          return { issues: await jira.ask(signal), changed: true };
        },
      },
      hosts: [
        { name: 'laptop', local: true, names: ['laptop'], report: (signal) => laptop.ask(signal) },
        { name: 'devserver', local: false, names: ['devserver'], report: (signal) => devserver.ask(signal) },
      ],
      branches: {
        names: (issues) => new Map(issues.map(({ key }) => [key, `task/${key}`])),
        read: (issues, signal) => {
          branches.of.push(issues.map(({ key }) => key));
          return branches.read.ask(signal);
        },
      },
      ledger: { read: async () => ({ entries: [], worktrees: [] }) },
      cache: {
        read: async () => cached,
        write: async (picture) => void written.push(picture),
        forget: async () => void forgotten++,
      },
      supervised: async () => [],
    };
    store = new SnapshotStore(settings(), sources, log, () => now);
    shown = [];
    store.onDidChange((snapshot) => shown.push(snapshot));
  });
  afterEach(() => store.dispose());

  /** The next picture that `holds`; it may be shown already. */
  const picture = (holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> =>
    new Promise((resolve) => {
      if (holds(store.snapshot)) return resolve(store.snapshot);
      const listener = store.onDidChange((snapshot) => {
        if (!holds(snapshot)) return;
        listener.dispose();
        resolve(snapshot);
      });
    });
  /** Lets what is already decided happen. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const keys = ({ tasks }: Snapshot = store.snapshot) => tasks.map(({ key }) => key);
  const hostState = (name: string) => store.snapshot.hosts.find((host) => host.name === name);
  const noBranches = new Map<string, { docs: [] }>();

  /** A refresh in which everything answers. */
  async function refreshed(issues = [one]): Promise<Snapshot> {
    const refresh = store.refresh();
    await settle();
    laptop.answer(report('laptop', { at: now, transcripts: [transcript()] }));
    devserver.answer(report('devserver', { at: now }));
    jira.answer(issues);
    await settle();
    branches.read.answer(noBranches);
    return refresh;
  }

  it('shows each source as it answers', async () => {
    const refresh = store.refresh();
    await settle();
    devserver.answer(report('devserver', { transcripts: [transcript()] }));
    await picture(({ sessions }) => sessions.length === 1);
    assert.deepEqual(keys(), []);
    jira.answer([one, two]);
    await picture(({ tasks }) => tasks.length === 2);
    assert.equal(hostState('laptop')?.asOf, undefined);
    assert.equal(store.snapshot.tasks[0]?.branch, 'task/PAY-1');
    await settle();
    branches.read.answer(new Map([['PAY-1', { docs: [] as [], error: 'no repository' }]]));
    await picture(({ tasks }) => tasks[0]?.branchError === 'no repository');
    assert.equal(store.busy, true);
    laptop.answer(report('laptop'));
    const last = await refresh;
    assert.equal(last, store.snapshot);
    assert.equal(hostState('laptop')?.asOf, clock);
    assert.deepEqual(branches.of, [['PAY-1', 'PAY-2']]);
  });

  it('keeps what Jira said last when it fails, with its age and what to do, and asks branches still', async () => {
    await refreshed([one, two]);
    now += 60_000;
    const refresh = store.refresh();
    await settle();
    jira.fail(down);
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    await settle();
    branches.read.answer(noBranches);
    await refresh;
    assert.deepEqual(keys(), ['PAY-1', 'PAY-2']);
    assert.deepEqual(store.snapshot.jira, { ...state, asOf: clock, error: 'Jira does not answer.', next: 'Try again later.' }); // prettier-ignore
    assert.ok(shown.every((snapshot, at) => at < 1 || snapshot.tasks.length >= shown[at - 1]!.tasks.length));
    await refreshed([one]);
    assert.deepEqual(store.snapshot.jira, { ...state, asOf: now });
  });

  it('keeps what a host said last when it fails, and shows the others', async () => {
    await refreshed();
    const refresh = store.refresh({ hostsOnly: true });
    await settle();
    laptop.fail(new UserError('laptop does not answer.', 'Wake it.'));
    devserver.answer(report('devserver', { at: clock + 5 }));
    await refresh;
    assert.deepEqual(hostState('laptop'), { name: 'laptop', local: true, asOf: clock, error: 'laptop does not answer.', next: 'Wake it.' }); // prettier-ignore
    assert.deepEqual(hostState('devserver'), { name: 'devserver', local: false, asOf: clock + 5 });
    assert.equal(store.snapshot.sessions[0]?.id, id(1));
    assert.ok(store.report('laptop'));
    assert.match(warnings.join(), /laptop does not answer/);
  });

  it('says of a host that never answered only that it failed', async () => {
    const refresh = store.refresh({ hostsOnly: true });
    await settle();
    laptop.answer(report('laptop'));
    devserver.fail(new Error('spawn ssh ENOENT'));
    await refresh;
    assert.deepEqual(hostState('devserver'), { name: 'devserver', local: false, error: 'spawn ssh ENOENT' });
  });

  it('goes on without branches, the ledger and supervised terminals where they fail', async () => {
    sources.ledger.read = () => Promise.reject(new Error('EACCES'));
    sources.supervised = () => Promise.reject(new Error('no socket'));
    const refresh = store.refresh();
    await settle();
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    jira.answer([one]);
    await settle();
    branches.read.fail(new Error('git is missing'));
    assert.deepEqual(keys(await refresh), ['PAY-1']);
    assert.deepEqual(store.snapshot.branches, { error: 'git is missing' });
    assert.equal(warnings.length, 3);
  });

  it('keeps the branches that were read before where reading them fails as a whole, and says so', async () => {
    await refreshed();
    const read = async (answer: () => void): Promise<Snapshot> => {
      const refresh = store.refresh();
      await settle();
      laptop.answer(report('laptop'));
      devserver.answer(report('devserver'));
      jira.answer([one]);
      await settle();
      answer();
      return refresh;
    };
    await read(() => branches.read.answer(new Map([['PAY-1', { docs: [] as [], error: 'no repository' }]])));
    now += 60_000;
    const { tasks, branches: said } = await read(() => branches.read.fail(down));
    assert.equal(tasks[0]?.branchError, 'no repository');
    assert.deepEqual(said, { asOf: clock, error: 'Jira does not answer.', next: 'Try again later.' });
    const after = await read(() => branches.read.answer(noBranches));
    assert.deepEqual(after.branches, { asOf: now });
    assert.equal(after.tasks[0]?.branchError, undefined);
  });

  it('asks only the hosts where only they are wanted, and keeps nothing on disk then', async () => {
    await refreshed();
    written = [];
    const refresh = store.refresh({ hostsOnly: true });
    await settle();
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    await refresh;
    assert.deepEqual([jira.count, branches.read.count, laptop.count, devserver.count], [1, 1, 2, 2]);
    assert.deepEqual(written, []);
    assert.deepEqual(keys(), ['PAY-1']);
  });

  it('lets hosts be tried at once where a person asks, and only there', async () => {
    const woken: string[] = [];
    for (const host of sources.hosts) host.wake = () => void woken.push(host.name);
    for (const full of [false, true]) {
      const refresh = store.refresh({ full });
      await settle();
      jira.answer([one]);
      laptop.answer(report('laptop'));
      devserver.answer(report('devserver'));
      await settle();
      branches.read.answer(new Map());
      await refresh;
      assert.deepEqual(woken, full ? ['laptop', 'devserver'] : []);
    }
  });

  it('does not ask Jira when nobody is signed in', async () => {
    state = { signedIn: false };
    const refresh = store.refresh();
    await settle();
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    const { jira: said } = await refresh;
    assert.deepEqual(said, { signedIn: false });
    assert.equal(jira.count, 0);
    assert.deepEqual(written, []);
  });

  it('asks once for all who ask at once', async () => {
    const refreshes = [store.refresh(), store.refresh({ hostsOnly: true }), store.refresh()];
    await settle();
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    jira.answer([one]);
    await settle();
    branches.read.answer(noBranches);
    const pictures = await Promise.all(refreshes);
    assert.equal(new Set(pictures).size, 1);
    assert.deepEqual([jira.count, laptop.count], [1, 1]);
  });

  it('asks again after a refresh that brings less than wanted, once for all who wait', async () => {
    const hostsOnly = store.refresh({ hostsOnly: true });
    const all = [store.refresh({ full: true }), store.refresh({ full: true }), store.refresh()];
    await settle();
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    await hostsOnly;
    await settle();
    assert.deepEqual(options, [{ full: true }]);
    laptop.answer(report('laptop'));
    devserver.answer(report('devserver'));
    jira.answer([one]);
    await settle();
    branches.read.answer(noBranches);
    await Promise.all(all);
    assert.deepEqual(options, [{ full: true }]);
    assert.deepEqual(keys(), ['PAY-1']);
  });

  it('asks again where something was changed after it began, once for all who wait', async () => {
    const answer = async (): Promise<void> => {
      await settle();
      laptop.answer(report('laptop'));
      devserver.answer(report('devserver'));
      jira.answer([one]);
      await settle();
      branches.read.answer(noBranches);
    };
    const before = store.refresh();
    const after = [store.refresh({ anew: true }), store.refresh({ anew: true })];
    await answer();
    await before;
    assert.equal(jira.count, 1);
    await answer();
    await Promise.all(after);
    assert.equal(jira.count, 2);
  });

  it('says while it is busy', async () => {
    const said: boolean[] = [];
    store.onDidChangeBusy((busy) => {
      assert.equal(store.busy, busy);
      said.push(busy);
    });
    await refreshed();
    assert.deepEqual(said, [true, false]);
  });

  it('gives up when told to: not a failure, and the picture stays', async () => {
    await refreshed();
    const abort = new AbortController();
    const refresh = store.refresh({ signal: abort.signal });
    await settle();
    laptop.answer(report('laptop'));
    abort.abort();
    await assert.rejects(refresh, { name: 'AbortError' });
    assert.deepEqual(warnings, []);
    assert.equal(store.busy, false);
    assert.deepEqual(keys(), ['PAY-1']);
    assert.equal(store.snapshot.jira.error, undefined);
    assert.equal(hostState('devserver')?.error, undefined);
    [laptop, devserver, jira].forEach((source) => source.questions.splice(0));
    await refreshed([two]);
    assert.deepEqual(keys(), ['PAY-2']);
  });

  it('gives up also where every source has answered', async () => {
    const abort = new AbortController();
    const answered = async () => report('x');
    const idle = { issues: [one], changed: true };
    store = new SnapshotStore(
      settings(),
      {
        ...sources,
        issues: { state, refresh: async () => idle },
        hosts: sources.hosts.map((host) => ({ ...host, report: answered })),
        branches: { ...sources.branches, read: async () => (abort.abort(), new Map()) },
      },
      log,
    );
    await assert.rejects(store.refresh({ signal: abort.signal }), CancelledError);
    assert.deepEqual(written, []);
  });

  it('keeps the picture on disk after Jira has answered', async () => {
    await refreshed([one, two]);
    assert.equal(written.length, 1);
    assert.deepEqual(written[0], {
      snapshot: store.snapshot,
      issues: [one, two],
      branches: [],
      reports: ['laptop', 'devserver'].map((name) => store.report(name)),
    });
  });

  it('in restricted mode knows nothing of hosts, and claims nothing', async () => {
    const refresh = store.refresh();
    await settle();
    laptop.answer(undefined);
    devserver.answer(undefined);
    jira.answer([one]);
    await settle();
    branches.read.answer(noBranches);
    const { hosts, sessions } = await refresh;
    assert.deepEqual(hosts, [{ name: 'laptop', local: true }, { name: 'devserver', local: false }]); // prettier-ignore
    assert.deepEqual(sessions, []);
    assert.equal(store.report('laptop'), undefined);
  });

  it('finds issues by key', async () => {
    await refreshed([one, two]);
    assert.equal(store.issue('PAY-2'), two);
    assert.equal(store.issue('PAY-3'), undefined);
  });

  describe('with a picture of the last time', () => {
    const before = clock - 3_600_000;
    let old: CachedPicture;

    beforeEach(async () => {
      await refreshed([one, two]);
      old = structuredClone(written[0]!);
      old.snapshot.at = before;
      old.snapshot.jira = { signedIn: true, asOf: before, error: 'was down then' };
      old.snapshot.branches = { asOf: before, error: 'was gone then' };
      for (const each of old.reports) each.at = before;
      store = new SnapshotStore(settings(), sources, log, () => now);
      cached = old;
    });

    it('shows it at once, each source with its age and as of an earlier run, and no failure of then', async () => {
      await store.load();
      assert.deepEqual(keys(), ['PAY-1', 'PAY-2']);
      assert.deepEqual(store.snapshot.jira, { ...state, asOf: before, earlier: true });
      assert.deepEqual(hostState('devserver'), { name: 'devserver', local: false, asOf: before, earlier: true }); // prettier-ignore
      assert.deepEqual(store.snapshot.branches, { asOf: before, earlier: true });
      assert.equal(store.issue('PAY-2')?.summary, two.summary);
    });

    it('takes each source for confirmed as it answers', async () => {
      await store.load();
      const { hosts, jira: said, branches: read } = await refreshed([one]);
      assert.deepEqual([said, read, ...hosts].map(({ earlier } = {}) => earlier), [undefined, undefined, undefined, undefined]); // prettier-ignore
    });

    it('still says of when it is in restricted mode, and when nobody is signed in', async () => {
      state = { signedIn: false };
      await store.load();
      const refresh = store.refresh();
      await settle();
      laptop.answer(undefined);
      devserver.answer(undefined);
      const { hosts, jira: said, sessions } = await refresh;
      assert.equal(sessions.length, 1);
      for (const { asOf, earlier } of [said, ...hosts]) assert.deepEqual([asOf, earlier], [before, true]);
    });

    it('shows it on when nothing answers', async () => {
      await store.load();
      const refresh = store.refresh();
      await settle();
      jira.fail(down);
      laptop.fail(new Error('off'));
      devserver.fail(new Error('off'));
      await settle();
      branches.read.fail(new Error('off'));
      await refresh;
      assert.deepEqual(keys(), ['PAY-1', 'PAY-2']);
      assert.equal(store.snapshot.sessions.length, 1);
      assert.deepEqual([store.snapshot.jira.asOf, hostState('laptop')?.asOf], [before, before]);
    });

    it('does not show it over something fresher', async () => {
      await refreshed([two]);
      await store.load();
      assert.deepEqual(keys(), ['PAY-2']);
    });

    it('shows nothing where there is none', async () => {
      cached = undefined;
      await store.load();
      assert.equal(store.snapshot.at, 0);
    });

    it('leaves out hosts that are not configured any more', async () => {
      old.snapshot.hosts.push({ name: 'gone', local: false });
      old.reports.push(report('gone'));
      await store.load();
      assert.deepEqual(store.snapshot.hosts.map(({ name }) => name), ['laptop', 'devserver']); // prettier-ignore
      assert.equal(store.report('gone'), undefined);
    });
  });

  describe('after signing out', () => {
    it('shows and keeps nothing of the account', async () => {
      await refreshed();
      await store.forgetIssues();
      assert.deepEqual(keys(), []);
      assert.equal(store.issue('PAY-1'), undefined);
      assert.equal(store.snapshot.jira.asOf, undefined);
      assert.equal(forgotten, 1);
    });

    it('drops what was asked before', async () => {
      const refresh = store.refresh();
      await settle();
      await store.forgetIssues();
      laptop.answer(report('laptop'));
      devserver.answer(report('devserver'));
      jira.answer([one]);
      await settle();
      assert.deepEqual(keys(await refresh), []);
      assert.deepEqual(written, []);
      assert.equal(branches.read.count, 0);
    });

    it('does not complain for it either', async () => {
      const refresh = store.refresh();
      await settle();
      await store.forgetIssues();
      laptop.answer(report('laptop'));
      devserver.answer(report('devserver'));
      jira.fail(new UserError('The token is not valid.', ''));
      assert.equal((await refresh).jira.error, undefined);
    });

    it('drops branches that are still being read', async () => {
      const refresh = store.refresh();
      await settle();
      laptop.answer(report('laptop'));
      devserver.answer(report('devserver'));
      jira.answer([one]);
      await settle();
      await store.forgetIssues();
      branches.read.answer(noBranches);
      assert.deepEqual(keys(await refresh), []);
      assert.deepEqual(written, []);
    });
  });
});
