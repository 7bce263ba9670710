import assert from 'node:assert/strict';
import type { Issue } from '../../../src/model/task/issue';
import type { RecordClaim } from '../../../src/model/record/record';
import { CancelledError } from '../../../src/model/errors';
import { JiraError } from '../../../src/sources/jira/errors';
import { elapsed } from '../../../src/sources/jira/polling/clock';
import { Poller, nextStep, pollRules } from '../../../src/sources/jira/polling/poll';
import type { Memory } from '../../../src/sources/jira/polling/poll';
import type { SearchOptions } from '../../../src/sources/jira/jira';

const minute = 60_000;
const jql = 'project = PAY ORDER BY rank';

function issue(id: number, changes: Partial<Issue> = {}): Issue {
  return {
    id: String(id),
    key: `PAY-${id}`,
    summary: `Task ${id}`,
    status: 'To Do',
    statusCategory: 'new',
    url: `https://jira.example/browse/PAY-${id}`,
    created: 0,
    updated: 0,
    claims: [],
    comments: { total: 0, read: 0 },
    ...changes,
  };
}

/** A Jira of plain objects: the list in the query's order, answers by the clock, and what was asked. */
class Fake {
  list: Issue[] = [];
  asked: string[] = [];
  reconciled: (readonly string[])[] = [];
  failure: Error | undefined;
  time = { monotonic: 1_000_000, wall: 5_000_000 };
  full = new Map<string, Issue>();

  pass(ms: number) {
    this.time = { monotonic: this.time.monotonic + ms, wall: this.time.wall + ms };
  }
  touch(id: number, changes: Partial<Issue> = {}) {
    this.list = this.list.map((task) =>
      task.id === String(id) ? { ...task, ...changes, updated: this.time.wall } : task,
    );
  }
  async search(query: string, { edited = [] }: SearchOptions) {
    this.asked.push(query);
    this.reconciled.push(edited);
    if (this.failure) throw this.failure;
    return {
      items: this.list.filter(this.matcher(query)).map((task) => ({ ...task })),
      skipped: 0,
      truncated: false,
    };
  }
  async searchIds(query: string) {
    this.asked.push(`ids ${query}`);
    if (this.failure) throw this.failure;
    return { items: this.list.map(({ id }) => ({ id })), skipped: 0, truncated: false };
  }
  async withAllComments(task: Issue) {
    this.asked.push(`comments ${task.key}`);
    if (this.failure) throw this.failure;
    return this.full.get(task.id) ?? task;
  }
  async statusChanges(key: string) {
    this.asked.push(`changelog ${key}`);
    return [{ author: { id: 'pat', name: 'Pat' }, to: 'Approved', at: 1 }];
  }
  async me() {
    this.asked.push('me');
    if (this.failure) throw this.failure;
  }
  take(): string[] {
    return this.asked.splice(0);
  }
  private matcher(query: string): (task: Issue) => boolean {
    const ids = /^id in \(([\d,]+)\)$/.exec(query)?.[1]?.split(',');
    if (ids) return (task) => ids.includes(task.id);
    const minutes = /updated >= -(\d+)m/.exec(query)?.[1];
    return minutes === undefined
      ? () => true
      : (task) => task.updated >= this.time.wall - Number(minutes) * minute;
  }
}

function start(): { fake: Fake; poller: Poller; keys: () => Promise<string> } {
  const fake = new Fake();
  const poller = new Poller(fake, { jql: () => jql, clock: () => fake.time, random: () => 0.5 });
  const keys = async () => (await poller.refresh()).issues.map((task) => task.key).join(' ');
  return { fake, poller, keys };
}

const claim = (commentId: string, created: number): RecordClaim => ({
  title: 'AI Analysis Complete',
  issueKey: 'PAY-1',
  commentId,
  author: { id: 'a', name: 'A' },
  updateAuthor: { id: 'a', name: 'A' },
  created,
  updated: created,
});

describe('Polling', () => {
  it('reads everything once, then one request where nothing changed', async () => {
    const { fake, poller } = start();
    fake.list = [issue(1), issue(2)];
    const first = await poller.refresh();
    assert.deepEqual(fake.take(), [jql]);
    assert.equal(first.changed, true);
    fake.pass(minute);
    const second = await poller.refresh();
    assert.deepEqual(fake.take(), ['(project = PAY) AND updated >= -4m ORDER BY rank']);
    assert.equal(second.changed, false);
    assert.equal(second.issues, first.issues);
  });

  it('brings a change once, although the overlap reads it again', async () => {
    const { fake, poller } = start();
    fake.list = [issue(1), issue(2)];
    await poller.refresh();
    fake.pass(minute);
    fake.touch(2, { status: 'Done' });
    const answer = await poller.refresh();
    assert.equal(answer.changed, true);
    assert.equal(answer.issues[1]?.status, 'Done');
    fake.take();
    fake.pass(minute);
    assert.equal((await poller.refresh()).changed, false);
    assert.equal(fake.take().length, 1);
  });

  it('keeps the order of the query, with tasks that are new', async () => {
    const { fake, keys } = start();
    fake.list = [issue(1), issue(2)];
    await keys();
    fake.pass(minute);
    fake.list = [issue(2), issue(3, { updated: fake.time.wall }), issue(1)];
    assert.equal(await keys(), 'PAY-2 PAY-3 PAY-1');
  });

  it('drops tasks that left the filter, by the ids that it reads now and then', async () => {
    const { fake, keys } = start();
    fake.list = [issue(1), issue(2)];
    await keys();
    fake.list = [issue(1)];
    for (let poll = 1; poll < pollRules.idsEveryPolls; poll += 1) {
      fake.pass(10_000);
      assert.equal(await keys(), 'PAY-1 PAY-2');
    }
    fake.take();
    assert.equal(await keys(), 'PAY-1');
    assert.deepEqual(
      fake.take().filter((query) => query.startsWith('ids')),
      [`ids ${jql}`],
    );
  });

  it('does so after a quarter of an hour, however few the polls', async () => {
    const { fake, keys } = start();
    fake.list = [issue(1), issue(2)];
    await keys();
    fake.list = [issue(1)];
    fake.pass(16 * minute);
    assert.equal(await keys(), 'PAY-1');
  });

  it('fetches tasks that entered the list without having changed', async () => {
    const { fake, keys } = start();
    fake.list = [issue(1)];
    await keys();
    fake.list = [issue(7), issue(1)];
    fake.pass(16 * minute);
    fake.take();
    assert.equal(await keys(), 'PAY-7 PAY-1');
    assert.deepEqual(fake.take().slice(1), [`ids ${jql}`, 'id in (7)']);
  });

  it('asks for all that was missed after failures', async () => {
    const { fake, poller } = start();
    fake.list = [issue(1)];
    await poller.refresh();
    fake.pass(minute);
    fake.touch(1, { summary: 'changed while the network was gone' });
    fake.failure = new JiraError({ kind: 'network', code: 'ECONNRESET', host: 'jira' });
    fake.pass(minute);
    await assert.rejects(poller.refresh());
    fake.failure = undefined;
    fake.pass(20 * minute);
    fake.take();
    const answer = await poller.refresh();
    assert.match(fake.take()[0] ?? '', /updated >= -25m/);
    assert.equal(answer.issues[0]?.summary, 'changed while the network was gone');
  });

  it('reads everything after a long gap, also one that the monotonic clock slept through', async () => {
    const { fake, poller } = start();
    fake.list = [issue(1)];
    await poller.refresh();
    fake.take();
    fake.time = { ...fake.time, wall: fake.time.wall + 2 * pollRules.longestGapMs };
    await poller.refresh();
    assert.deepEqual(fake.take(), [jql]);
    fake.time = { monotonic: fake.time.monotonic + 2 * pollRules.longestGapMs, wall: 0 };
    await poller.refresh();
    assert.deepEqual(fake.take(), [jql]);
  });

  it('reads everything after another query', () => {
    const now = { monotonic: 0, wall: 0 };
    const memory: Memory = {
      jql,
      issues: [],
      truncated: false,
      asked: now,
      readFull: now,
      readIds: now,
      polls: 0,
    };
    assert.equal(nextStep(memory, jql, now).kind, 'changes');
    assert.equal(nextStep(memory, 'project = X', now).kind, 'full');
    assert.equal(nextStep(undefined, jql, now).kind, 'full');
  });

  it('does not fall back to an older reading while search lags', async () => {
    const { fake, poller } = start();
    fake.pass(minute);
    fake.list = [issue(1, { updated: fake.time.wall, status: 'Done' })];
    await poller.refresh();
    fake.list = [issue(1, { updated: fake.time.wall - 1000, status: 'To Do' })];
    fake.pass(1000);
    assert.equal((await poller.refresh()).issues[0]?.status, 'Done');
    assert.equal((await poller.refresh({ full: true })).issues[0]?.status, 'Done');
  });

  it('sees a second change within one second, where Jira keeps whole ones', async () => {
    const { fake, poller } = start();
    fake.list = [issue(1, { updated: fake.time.wall, status: 'Analyzing' })];
    await poller.refresh();
    fake.touch(1, { status: 'Approved' });
    assert.equal((await poller.refresh({ full: true })).issues[0]?.status, 'Approved');
  });

  it('tells search of our own edits for a while', async () => {
    const { fake, poller } = start();
    poller.noteEdit('10001');
    poller.noteEdit('x); drop');
    await poller.refresh();
    fake.pass(pollRules.editsMs + 1);
    await poller.refresh();
    assert.deepEqual(fake.reconciled, [['10001'], []]);
  });

  it('makes sure who we are before it believes that there are no tasks', async () => {
    const { fake, poller } = start();
    await poller.refresh();
    assert.deepEqual(fake.take(), [jql, 'me']);
  });

  it('lets calls wait for each other', async () => {
    const { fake, poller } = start();
    fake.list = [issue(1)];
    await Promise.all([poller.refresh(), poller.refresh(), poller.refresh({ full: true })]);
    assert.deepEqual(fake.take(), [jql, '(project = PAY) AND updated >= -3m ORDER BY rank', jql]);
  });

  describe('reading the comments that search left out', () => {
    it('once for each state of an issue', async () => {
      const { fake, poller } = start();
      fake.list = [
        issue(1, { comments: { total: 30, read: 20 } }),
        issue(2, { comments: { total: 2, read: 2 } }),
      ];
      fake.full.set('1', issue(1, { comments: { total: 30, read: 30 }, claims: [claim('9', 9)] }));
      assert.equal((await poller.refresh()).issues[0]?.claims.length, 1);
      assert.deepEqual(fake.take(), [jql, 'comments PAY-1']);
      await poller.refresh();
      await poller.refresh({ full: true });
      assert.equal(fake.take().filter((query) => query.startsWith('comments')).length, 0);
      fake.pass(minute);
      fake.touch(1, { comments: { total: 31, read: 20 } });
      await poller.refresh();
      assert.equal(fake.take().filter((query) => query.startsWith('comments')).length, 1);
    });

    it('once, also where Jira counts comments that it does not hand out', async () => {
      const { fake, poller } = start();
      fake.list = [issue(1, { comments: { total: 30, read: 20 } })];
      fake.full.set('1', issue(1, { comments: { total: 30, read: 29 } }));
      await poller.refresh();
      await poller.refresh();
      assert.equal(fake.take().filter((query) => query.startsWith('comments')).length, 1);
    });

    it('also where the index has seen as many, since only comments carry authors', async () => {
      const { fake, poller } = start();
      const index = { schema: 1 as const, commentsSeen: 30, updatedAt: 0, records: [] };
      fake.list = [issue(1, { comments: { total: 30, read: 20 }, index })];
      await poller.refresh();
      assert.ok(fake.take().includes('comments PAY-1'));
    });

    it('and the changelog where a comment claims an approval, once for each state', async () => {
      const { fake, poller } = start();
      const approval = { ...claim('1', 1), title: 'Approved for Implementation' as const };
      fake.list = [issue(1, { claims: [approval] }), issue(2, { claims: [claim('2', 1)] })];
      const [first, second] = (await poller.refresh()).issues;
      assert.equal(
        fake
          .take()
          .filter((one) => one.startsWith('changelog'))
          .join(),
        'changelog PAY-1',
      );
      assert.deepEqual(first?.transitions, [{ author: { id: 'pat', name: 'Pat' }, to: 'Approved', at: 1 }]);
      assert.equal(second?.transitions, undefined);
      fake.pass(minute);
      const again = await poller.refresh();
      assert.ok(!fake.take().some((one) => one.startsWith('changelog')));
      assert.equal(again.changed, false);
    });

    it('and both again where only the index has changed, as another window writes it', async () => {
      const { fake, poller } = start();
      const approval = { ...claim('1', 1), title: 'Approved for Implementation' as const };
      const comments = { total: 30, read: 20 };
      fake.list = [issue(1, { claims: [approval], comments })];
      fake.withAllComments = async (task) => ({ ...task, comments: { total: 30, read: 30 } });
      await poller.refresh();
      const index = { schema: 1 as const, commentsSeen: 30, updatedAt: 5, records: [] };
      fake.list = [issue(1, { claims: [approval], comments, index })];
      const [shown] = (await poller.refresh({ full: true })).issues;
      assert.equal(shown?.transitions?.length, 1);
      assert.equal(shown.comments.read, 30);
    });

    it('and trouble with them keeps what was known', async () => {
      const { fake, poller } = start();
      fake.list = [issue(1, { comments: { total: 30, read: 20 }, claims: [claim('1', 1)] })];
      fake.full.set(
        '1',
        issue(1, { comments: { total: 30, read: 30 }, claims: [claim('1', 1), claim('9', 9)] }),
      );
      await poller.refresh();
      fake.pass(minute);
      fake.touch(1, { comments: { total: 31, read: 20 } });
      const { withAllComments } = fake;
      fake.withAllComments = async () => {
        throw new JiraError({ kind: 'timeout', afterMs: 20_000, host: 'jira' });
      };
      const shown = (await poller.refresh()).issues[0];
      assert.deepEqual(
        shown?.claims.map((entry) => entry.commentId),
        ['1', '9'],
      );
      fake.withAllComments = withAllComments;
      fake.take();
      await poller.refresh();
      assert.ok(fake.take().includes('comments PAY-1'));
    });
  });

  describe('in trouble', () => {
    const server = new JiraError({ kind: 'server', status: 503, host: 'jira' });

    it('waits longer each time, and sends nothing meanwhile', async () => {
      const { fake, poller } = start();
      fake.failure = server;
      const waits: number[] = [];
      for (let attempt = 0; attempt < 8; attempt += 1) {
        await assert.rejects(poller.refresh());
        waits.push(poller.delayMs(0));
        fake.take();
        await assert.rejects(poller.refresh(), server);
        assert.deepEqual(fake.take(), []);
        fake.pass(poller.delayMs(0));
      }
      assert.deepEqual(waits, [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
      assert.equal(poller.delayMs(10_000), 10_000);
      fake.failure = undefined;
      await poller.refresh();
      assert.equal(poller.delayMs(60_000), 60_000);
    });

    it('is asked again when Jira said, not only at the next turn', async () => {
      const { fake, poller } = start();
      fake.failure = new JiraError({ kind: 'rateLimited', retryAfterMs: 40_000, host: 'jira' });
      await assert.rejects(poller.refresh());
      assert.equal(poller.delayMs(300_000), 40_000);
    });

    it('tries at once when a person asks, unless Jira asked for a pause', async () => {
      const { fake, poller } = start();
      fake.failure = server;
      await assert.rejects(poller.refresh());
      fake.failure = new JiraError({ kind: 'rateLimited', retryAfterMs: 40_000, host: 'jira' });
      await assert.rejects(poller.refresh({ full: true }));
      fake.take();
      fake.pass(10_000);
      await assert.rejects(poller.refresh({ full: true }), /asks for fewer requests/);
      await assert.rejects(poller.refresh({ full: true }), { next: 'Next try in 30 s.' });
      assert.deepEqual(fake.take(), []);
      fake.failure = undefined;
      fake.pass(30_000);
      await poller.refresh({ full: true });
    });

    it('asks with a refused token rarely, and does not count being cancelled', async () => {
      const { fake, poller } = start();
      fake.failure = new CancelledError();
      await assert.rejects(poller.refresh());
      assert.equal(poller.delayMs(0), 0);
      fake.failure = new JiraError({ kind: 'auth', reason: 'refused', host: 'jira' });
      await assert.rejects(poller.refresh());
      assert.equal(poller.delayMs(0), 600_000);
    });
  });
});

describe('Time between two moments', () => {
  it('is the larger of both clocks, and never negative', () => {
    assert.equal(elapsed({ monotonic: 10, wall: 10 }, { monotonic: 20, wall: 500 }), 490);
    assert.equal(elapsed({ monotonic: 10, wall: 500 }, { monotonic: 20, wall: 0 }), 10);
    assert.equal(elapsed({ monotonic: 10, wall: 10 }, { monotonic: 0, wall: 0 }), 0);
  });
});
