import assert from 'node:assert/strict';
import { UserError } from '../../../src/model/errors';
import type { RunOrder } from '../../../src/model/run/order';
import { Bed } from '../../bed/bed';
import { recordsOf } from '../recordsOf';
import { startReceiver, type Receiver } from '../../bed/receiver';
import { until } from '../../bed/until';
import type { Body } from '../../jira/entities';
import { startJira } from '../../jira/simulator';
import type { Jira as Simulator } from '../../jira/simulator';
import * as world from './settlingBed';
import {
  append,
  completed,
  key,
  liveBy,
  makeSettler,
  orderOf,
  placeRun,
  pushRefused,
  working,
} from './settlingBed';
import { doc, paragraph } from '../../jira/text/adf';
import type { Settler, SettlerOptions, Through } from './settlingBed';

for (const deployment of ['cloud', 'dataCenter'] as const)
  describe(`Settling on Jira ${deployment}`, () => {
    let bed: Bed;
    let simulator: Simulator;
    let receiver: Receiver;
    let home: string;
    let dana: Settler;
    let order: RunOrder;

    beforeEach(async () => {
      bed = new Bed();
      simulator = await bed.add(startJira({ deployment }));
      receiver = await bed.add(startReceiver());
      simulator.state.addIssue({ key, summary: 'Refunds', assignee: 'dana' });
      home = await bed.folder('home');
      dana = await settler();
      order = orderOf(simulator.url);
    });
    afterEach(() => bed.dispose());

    async function settler(options: Partial<SettlerOptions> = {}): Promise<Settler> {
      const folder = await bed.folder('ledger');
      return bed.add(
        makeSettler({
          url: simulator.url,
          deployment,
          folder,
          home,
          webhook: receiver.addresses.json,
          ...options,
        }),
      );
    }

    const issue = () => simulator.state.issue(key);
    const records = () => recordsOf(issue().comments, key);
    const moves = () =>
      issue().changes.flatMap(({ items }) =>
        items.flatMap((item) => (item.field === 'status' ? item.toString : [])),
      );
    const told = () => receiver.taken.map(({ message }) => (message as { event: string }).event);
    const own = (who = dana, ran = order) =>
      who.ledger.reviseRun(ran.id, () => ({
        order: ran,
        reached: 'status',
        settledLines: 0,
        createdAt: ran.createdAt,
      }));
    const settle = async (who = dana) => {
      await who.look();
      return who.settling.settle();
    };
    const settleOwn = async (who = dana) => {
      await who.look();
      return who.settling.settleOwn();
    };

    const written = {
      by: 'dana',
      sessionId: orderOf('https://x.example').sessionId,
      host: 'laptop',
      directory: `/srv/platform.worktrees/${key}`,
      branch: `task/${key}-analysis`,
    };
    const whole = {
      ...written,
      title: 'AI Analysis Complete',
      commit: 'c'.repeat(40),
      docs: ['task_desc.md', 'critic.md'],
      status: 'Awaiting Developer Review',
    };

    it('edits one comment in place from the start to the end, moves the status, and tells once', async () => {
      await own();
      await dana.look();
      assert.equal(
        (await dana.records.begin(order, { kind: 'starting', reached: 'branch' })).kind,
        'published',
      );
      assert.deepEqual(records(), [{ ...written, title: 'AI Analysis Started', status: 'Starting' }]);
      const [first] = issue().comments;
      assert.equal((await dana.moves.move(order, 'analyzing')).kind, 'moved');
      await placeRun(home, order, working);
      const [begun] = await settleOwn();
      assert.deepEqual(begun, {
        run: {
          id: order.id,
          kind: 'analysis',
          key,
          host: 'laptop',
          sessionId: order.sessionId,
          state: 'running',
        },
        record: 'published',
        status: 'unchanged',
        told: 1,
        problems: [],
      });
      assert.equal(records()[0]?.status, 'Running');
      assert.deepEqual(await settleOwn(), []);
      await append(home, order, completed);
      const [ended] = await settleOwn();
      assert.deepEqual([ended?.record, ended?.status, ended?.told], ['published', 'moved', 1]);
      assert.deepEqual(records(), [whole]);
      assert.equal(issue().comments[0]?.id, first?.id);
      assert.deepEqual(moves(), ['AI Analysis', 'Ready for Review']);
      assert.deepEqual(told(), ['started', 'complete']);
      const [found] = [issue().properties.get('task-sessions') as { records: { title: string }[] }];
      assert.deepEqual(
        found.records.map(({ title }) => title),
        ['AI Analysis Complete'],
      );
      assert.equal(await world.settledLines(home, order), 9);
      assert.deepEqual(await dana.settling.owed(), []);
      simulator.requests.length = 0;
      assert.deepEqual([await settleOwn(), await settle()], [[], []]);
      assert.ok(
        simulator.requests.every(({ method, path }) => method === 'GET' || path.endsWith('/search/jql')),
      );
    });

    it('is done by another machine of its starter too, whom Jira proves, and by nobody else unasked', async () => {
      const starting = { kind: 'starting', reached: 'branch' } as const;
      const laptop = await settler();
      const mira = await settler({ user: 'mira' });
      await own();
      await placeRun(home, order, working);
      assert.deepEqual(await settleOwn(laptop), [], 'it works still');
      await append(home, order, completed);
      assert.deepEqual(await settleOwn(laptop), [], 'only the host says whose it is');
      await dana.look();
      await dana.records.begin(order, starting);
      assert.deepEqual(await settleOwn(mira), []);
      const both = await Promise.all([settleOwn(laptop), settleOwn()]);
      assert.equal(both[0].length, 1);
      assert.deepEqual([records(), told()], [[whole], ['complete']]);
      assert.deepEqual([await settleOwn(laptop), await settleOwn()], [[], []]);

      // A host can say of a run that Dana has started it; who announced it, Jira knows.
      const forged = orderOf(simulator.url, 2);
      const miras = { ...forged, startedBy: { id: 'mira', name: 'Mira Lindqvist' } };
      await placeRun(home, forged, [...working, ...completed]);
      await mira.look();
      await mira.records.begin(miras, starting);
      assert.deepEqual(await settleOwn(laptop), []);
    });

    it('tells why a run failed, and that it goes on', async () => {
      await own();
      await placeRun(home, order, [...working, ...pushRefused]);
      await settle();
      const [failed] = records();
      assert.equal(failed?.title, 'AI Analysis Failed');
      assert.match(failed?.reason ?? '', /push|branch/i);
      assert.deepEqual(moves(), []);
      await append(home, order, [world.started, { step: 'push', state: 'started' }]);
      await settle();
      assert.deepEqual(records()[0]?.status, 'Running');
      assert.equal(records()[0]?.reason, undefined);
      await append(home, order, completed.slice(-2));
      await settle();
      assert.deepEqual(records(), [whole]);
      assert.deepEqual(told(), ['failed', 'started', 'complete']);
      assert.deepEqual(moves(), ['AI Analysis', 'Ready for Review']);
    });

    it('says that a run was killed, once, and does not say it again', async () => {
      await own();
      await placeRun(home, order, working);
      await settle();
      await liveBy(home, order, undefined);
      await settleOwn();
      assert.deepEqual([records()[0]?.title, records()[0]?.status], ['AI Analysis Failed', 'Interrupted']);
      assert.deepEqual([await settleOwn(), await settle()], [[], []]);
      assert.deepEqual(told(), ['started', 'failed']);
    });

    it('waits for a place, works, and is stopped: each is said', async () => {
      await own();
      await placeRun(home, order, [world.started, { step: 'wait', state: 'started' }]);
      await settleOwn();
      assert.equal(records()[0]?.status, 'Waiting for a place');
      await append(home, order, [{ step: 'wait', state: 'done' }]);
      await settleOwn();
      assert.equal(records()[0]?.status, 'Running');
      await append(home, order, [{ step: 'run', state: 'stopped' }]);
      await settleOwn();
      assert.deepEqual([records()[0]?.title, records()[0]?.status], ['AI Analysis Failed', 'Stopped']);
      assert.deepEqual(told(), ['started']);
    });

    it('is done by anybody, in a comment of their own, and by the starter in his', async () => {
      await own();
      await dana.look();
      await dana.records.begin(order, { kind: 'starting', reached: 'branch' });
      await placeRun(home, order, [...working, ...completed]);
      const mira = await settler({ user: 'mira' });
      await settle(mira);
      assert.deepEqual(
        records().map(({ by, title }) => [by, title]),
        [
          ['dana', 'AI Analysis Started'],
          ['mira', 'AI Analysis Complete'],
        ],
      );
      await settleOwn();
      assert.deepEqual(
        records().map(({ by, title }) => [by, title]),
        [
          ['dana', 'AI Analysis Complete'],
          ['mira', 'AI Analysis Complete'],
        ],
      );
      assert.deepEqual(told(), ['complete']);
      assert.deepEqual([await settle(), await settle(mira)], [[], []]);
    });

    it('corrects a record that a program of ours left behind', async () => {
      await own();
      await placeRun(home, order, [...working, ...completed]);
      await settle();
      const [comment] = issue().comments;
      const late = await settler();
      // As one does that had read the run before, and was killed after its edit.
      await dana.ledger.reviseRun(
        order.id,
        (run) => run && { ...run, settledAs: 'complete', settledLines: 9 },
      );
      simulator.state.editComment(key, comment!.id, 'dana', await runningBody());
      await settleOwn();
      assert.deepEqual(records(), [whole]);
      late.dispose();
    });

    async function runningBody() {
      const other = await bed.add(startJira({ deployment }));
      other.state.addIssue({ key, summary: 'Refunds', assignee: 'dana' });
      const folder = await bed.folder('other');
      const elsewhere = await bed.folder('elsewhere');
      const there = await bed.add(makeSettler({ url: other.url, deployment, folder, home: elsewhere }));
      const ran = orderOf(other.url);
      await own(there, ran);
      await placeRun(elsewhere, ran, working);
      await settle(there);
      return other.state.issue(key).comments[0]!.body;
    }

    describe('while the run goes on', () => {
      /** Somebody else settles its end just before the nth call of that name. */
      async function meanwhile(call: string, nth: number, then?: Through): Promise<Settler> {
        const folder = await bed.folder('ledger');
        let calls = 0;
        const late = await settler({
          folder,
          through: async (name, work) => {
            if (name === call && ++calls === nth) {
              await append(home, order, completed);
              await settle();
            }
            return then ? then(name, work) : work();
          },
        });
        await own(late);
        await own();
        await placeRun(home, order, working);
        await late.look();
        return late;
      }

      for (const [call, nth] of [
        ['host.read', 1],
        ['jira.thread', 1],
        ['host.read', 2],
        ['jira.addComment', 1],
        ['jira.setIndex', 1],
      ] as const)
        it(`writes nothing older over what is newer: at ${call} ${nth}`, async () => {
          const late = await meanwhile(call, nth);
          await late.settling.settleOwn();
          assert.deepEqual(records(), [whole]);
          assert.equal(told().filter((event) => event === 'complete').length, 1);
          assert.equal(issue().status.name, 'Ready for Review');
          await settleOwn(late);
          const index = issue().properties.get('task-sessions') as {
            commentsSeen: number;
            records: { title: string }[];
          };
          assert.deepEqual(
            [index.commentsSeen, index.records.map(({ title }) => title)],
            [1, ['AI Analysis Complete']],
          );
        });

      it('is corrected where it was killed right after it wrote what was old', async () => {
        await dana.look();
        await dana.records.begin(order, { kind: 'starting', reached: 'branch' });
        let dead = false;
        const late = await meanwhile('jira.updateComment', 1, async (name, work) => {
          if (dead) return new Promise<never>(() => {});
          const answer = await work();
          if (name !== 'jira.updateComment') return answer;
          dead = true;
          return new Promise<never>(() => {});
        });
        void late.settling.settleOwn();
        await until(() => dead, { what: 'the old record is written' });
        assert.equal(records()[0]?.status, 'Running');
        await settleOwn();
        assert.deepEqual(records(), [whole]);
      });
    });

    it('follows an issue that was moved to another project', async () => {
      await own();
      await dana.look();
      await dana.records.begin(order, { kind: 'starting', reached: 'branch' });
      await placeRun(home, order, [...working, ...completed]);
      const moved = simulator.state.moveIssue(key, 'PORTAL');
      const [done] = await settle();
      assert.deepEqual([done?.record, done?.status, done?.problems], ['published', 'moved', []]);
      assert.equal(moved.comments.length, 1);
      assert.ok(
        JSON.stringify(moved.comments[0]?.body).includes(`${moved.key}-${order.sessionId.slice(0, 8)}`),
      );
      assert.ok(moved.properties.has('task-sessions'));
    });

    describe('in a comment that grew too long', () => {
      const essay = 'So much to say about it. '.repeat(160);
      async function grown(limit: number): Promise<void> {
        await own();
        await dana.look();
        await dana.records.begin(order, { kind: 'starting', reached: 'branch' });
        const [comment] = issue().comments;
        const { body } = comment!;
        const longer =
          typeof body === 'string'
            ? `${body}\n\n${essay}`
            : { ...body, content: [...(body.content ?? []), ...(doc(paragraph(essay)).content ?? [])] };
        simulator.state.editComment(key, comment!.id, 'pat', longer);
        simulator.settings.textLimit = limit;
        await placeRun(home, order, [...working, ...pushRefused]);
      }
      const length = (body: Body): number => (typeof body === 'string' ? body : JSON.stringify(body)).length;

      it('says it in fewer words', async () => {
        await grown(1e6);
        simulator.settings.textLimit = length(issue().comments[0]!.body) + 50;
        const [done] = await settle();
        assert.equal(done?.record, 'published');
        assert.equal(records()[0]?.title, 'AI Analysis Failed');
        assert.ok(JSON.stringify(issue().comments[0]?.body).includes(essay.trim()));
      });

      it('stays in it where even without it the comment would be too long', async () => {
        await grown(essay.length - 100);
        const [done] = await settle();
        assert.equal(done?.record, 'published');
        assert.deepEqual(
          records().map(({ title }) => title),
          ['AI Analysis Started', 'AI Analysis Failed'],
        );
        assert.deepEqual(await settle(), []);
      });

      it('moves to a comment of its own, and leaves the words of others', async () => {
        await grown(essay.length + 100);
        const [done] = await settle();
        assert.equal(done?.record, 'published');
        assert.deepEqual(
          records().map(({ title }) => title),
          ['AI Analysis Failed'],
        );
        assert.equal(issue().comments.length, 2);
        assert.ok(JSON.stringify(issue().comments[0]?.body).includes(essay.trim()));
      });
    });

    describe('the start', () => {
      const starting = { kind: 'starting', reached: 'branch' } as const;
      const later = (n: number) => orderOf(simulator.url, n);

      it('sees unfinished runs of others, and who was first', async () => {
        const mira = await settler({ user: 'mira' });
        await mira.records.begin(later(2), starting);
        assert.deepEqual(
          (await dana.records.others(order)).map(({ sessionId, mine, earlier }) => [
            sessionId,
            mine,
            earlier,
          ]),
          [[later(2).sessionId, false, true]],
        );
        await dana.records.begin(order, starting);
        await mira.records.begin(later(3), starting);
        assert.deepEqual(
          (await dana.records.others(order)).map(({ by, earlier }) => [by, earlier]),
          [
            ['Mira Lindqvist', true],
            ['Mira Lindqvist', false],
          ],
        );
        await placeRun(home, later(2), [...working, ...completed]);
        await settle(mira);
        assert.equal((await dana.records.others(order)).length, 1);
      });

      it('is withdrawn, also where it is only owed', async () => {
        await dana.records.begin(order, starting);
        assert.deepEqual(await dana.records.withdraw(order), { kind: 'withdrawn' });
        assert.deepEqual([records(), issue().comments.length], [[], 0]);
        const clear = simulator.faults.add(
          { kind: 'status', status: 503 },
          { path: /\/comment/, method: 'POST' },
        );
        assert.equal((await dana.records.begin(order, starting)).kind, 'owed');
        clear();
        assert.deepEqual(await dana.records.withdraw(order), { kind: 'none' });
        await own();
        await settle();
        assert.deepEqual(records(), []);
      });

      it('stays withdrawn, also for a window that was just paying it', async () => {
        await own();
        const clear = simulator.faults.add(
          { kind: 'status', status: 503 },
          { path: /\/comment/, method: 'POST' },
        );
        await dana.look();
        await dana.records.begin(order, starting);
        clear();
        const other = await settler({
          folder: await folderOf(dana),
          through: async (name, work) => {
            if (name === 'jira.addComment') await dana.records.withdraw(order);
            return work();
          },
        });
        await other.look();
        await other.settling.settle();
        assert.deepEqual([records(), await dana.settling.owed()], [[], []]);
        assert.equal((await dana.records.begin(order, starting)).kind, 'published');
      });

      it('that is gone owes nothing for ever', async () => {
        await own();
        const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/issue\// });
        await dana.look();
        await dana.records.begin(order, starting);
        await dana.moves.move(order, 'analyzing');
        const stranger = later(7);
        await dana.moves.move(stranger, 'analyzing');
        clear();
        await dana.look();
        dana.see((snapshot) => ({ ...snapshot, runs: [] }));
        await dana.settling.settle();
        assert.deepEqual(
          [records()[0]?.status, moves(), await dana.settling.owed()],
          ['Starting', ['AI Analysis'], []],
        );
      });

      it('pays what it owes also where the run has failed since', async () => {
        await own();
        const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/transitions/ });
        assert.equal((await dana.moves.move(order, 'analyzing')).kind, 'owed');
        clear();
        await placeRun(home, order, [...working, ...pushRefused]);
        assert.deepEqual((await settle())[0]?.status, 'moved');
        assert.deepEqual([await dana.settling.owed(), await settle()], [[], []]);
      });

      it('takes nothing back that the run has said since', async () => {
        await own();
        await placeRun(home, order, [...working, ...completed]);
        await settle();
        assert.equal((await dana.records.begin(order, starting)).kind, 'unchanged');
        assert.deepEqual(records(), [whole]);
      });
    });

    describe('the status', () => {
      const complete = async () => {
        await own();
        await placeRun(home, order, [...working, ...completed]);
      };

      it('goes the way that the workflow has', async () => {
        const { transitions } = simulator.state.workflow;
        const review = transitions.find(({ to }) => to === 'Ready for Review')!;
        review.from = ['AI Analysis'];
        await complete();
        assert.equal((await settle())[0]?.status, 'moved');
        assert.deepEqual(moves(), ['AI Analysis', 'Ready for Review']);
      });

      for (const [what, status] of [
        ['is there already', 'Ready for Review'],
        ['is further', 'In Development'],
        ['is at its end', 'Done'],
      ] as const)
        it(`stays where it ${what}`, async () => {
          simulator.state.setStatus(key, status, 'pat', Date.now() - 60_000);
          await complete();
          assert.equal((await settle())[0]?.status, 'unchanged');
          assert.deepEqual(moves(), [status]);
        });

      it('stays where somebody put it since', async () => {
        await complete();
        simulator.state.setStatus(key, 'AI Analysis', 'dana', Date.now() + 1000);
        simulator.state.setStatus(key, 'To Do', 'pat', Date.now() + 2000);
        assert.equal((await settle())[0]?.status, 'unchanged');
        assert.equal(issue().status.name, 'To Do');
      });

      it('is refused where Jira offers no way, says what to do, and is not asked for again at once', async () => {
        simulator.state.deny(key, 'transition');
        await complete();
        const [first] = await settleOwn();
        assert.equal(first?.status, 'refused');
        assert.match(first.problems.join(), /Jira offers you no transition there\. Move it in Jira/);
        assert.deepEqual(records(), [whole]);
        assert.deepEqual(await settleOwn(), []);
        simulator.state.allow(key, 'transition');
        assert.equal((await settle())[0]?.status, 'moved');
        assert.deepEqual(await dana.settling.owed(), []);
        assert.deepEqual(told(), ['complete']);
      });

      it('that is refused keeps back nothing that the run says later', async () => {
        simulator.state.deny(key, 'transition');
        await own();
        await placeRun(home, order, working);
        assert.equal((await settleOwn())[0]?.status, 'refused');
        await append(home, order, completed);
        const [done] = await settleOwn();
        assert.deepEqual([done?.record, done?.status, done?.told], ['published', 'refused', 1]);
        assert.deepEqual(records(), [whole]);
        const asked = simulator.requests.length;
        await dana.settling.settleOwn();
        assert.equal(simulator.requests.length, asked);
      });

      it('is refused where a screen asks for more', async () => {
        const review = simulator.state.workflow.transitions.find(({ to }) => to === 'Ready for Review')!;
        review.screen = [{ key: 'customfield_1', name: 'Reviewer', required: true }];
        review.from = ['To Do', 'AI Analysis'];
        simulator.state.workflow.transitions.splice(0, 99, review);
        await complete();
        const [done] = await settle();
        assert.equal(done?.status, 'refused');
        assert.match(done.problems.join(), /Reviewer is required/);
      });

      it('is nobody’s business where no phase is mapped', async () => {
        const without = await settler({ phases: {} });
        await own(without);
        await placeRun(home, order, [...working, ...completed]);
        assert.equal((await settle(without))[0]?.status, 'unchanged');
        assert.deepEqual(moves(), []);
      });
    });

    describe('where Jira', () => {
      it('is down during the whole run and comes back later, ends as if it had been there', async () => {
        await own();
        const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/issue\// });
        await dana.look();
        assert.equal((await dana.records.begin(order, { kind: 'starting', reached: 'branch' })).kind, 'owed');
        assert.equal((await dana.moves.move(order, 'analyzing')).kind, 'owed');
        assert.deepEqual((await dana.settling.owed()).map(({ kind }) => kind).sort(), ['record', 'status']);
        await placeRun(home, order, working);
        assert.deepEqual((await settle())[0]?.record, 'owed');
        await append(home, order, completed);
        assert.deepEqual((await settle())[0]?.record, 'owed');
        assert.equal(await world.settledLines(home, order), 0);
        clear();
        const [done] = await settle();
        assert.deepEqual([done?.record, done?.status], ['published', 'moved']);
        assert.deepEqual(records(), [whole]);
        assert.deepEqual(moves(), ['Ready for Review']);
        assert.deepEqual(told(), ['started', 'complete']);
        assert.deepEqual(await dana.settling.owed(), []);
        assert.deepEqual(await settle(), []);
      });

      it('lets us not comment, moves the status all the same, and writes when it does', async () => {
        simulator.state.deny(key, 'comment');
        await own();
        await placeRun(home, order, [...working, ...completed]);
        const [first] = await settleOwn();
        assert.deepEqual([first?.record, first?.status, first?.told], ['refused', 'moved', 1]);
        assert.match(first?.problems.join() ?? '', /Ask for the permission to comment/);
        assert.deepEqual(await settleOwn(), []);
        simulator.state.allow(key, 'comment');
        assert.equal((await settle())[0]?.record, 'published');
        assert.deepEqual(records(), [whole]);
        assert.deepEqual(told(), ['complete']);
        assert.equal(await world.settledLines(home, order), 9);
      });

      it('lets us not write properties, says so, and settles', async () => {
        simulator.state.deny(key, 'edit');
        await own();
        await placeRun(home, order, [...working, ...completed]);
        const [done] = await settle();
        assert.equal(done?.record, 'published');
        assert.match(done.problems.join(), /The index of records on PAY-1 was not written/);
        assert.deepEqual(await settle(), []);
      });

      it('fails at the index, writes it later', async () => {
        const clear = simulator.faults.add({ kind: 'status', status: 500 }, { path: /\/properties\// });
        await own();
        await placeRun(home, order, [...working, ...completed]);
        assert.equal((await settle())[0]?.record, 'owed');
        clear();
        assert.equal((await settle())[0]?.record, 'unchanged');
        assert.ok(issue().properties.has('task-sessions'));
        assert.deepEqual(await settle(), []);
      });

      it('has lost the issue, says so', async () => {
        await own();
        await placeRun(home, order, [...working, ...completed]);
        await dana.look();
        simulator.state.deny(key, 'browse');
        const [done] = await dana.settling.settle();
        assert.equal(done?.record, 'refused');
        assert.match(done.problems.join(), /gone, or hidden from you/);
      });

      it('has another issue of that key today, writes nothing to it', async () => {
        const before = { ...order, issueId: '999999' };
        await own(dana, before);
        await placeRun(home, before, [...working, ...completed]);
        const [done] = await settle();
        assert.match(done?.problems.join() ?? '', /PAY-1 names another issue today/);
        assert.deepEqual([records(), moves()], [[], []]);
      });

      it('is not the one that a start was for, is told nothing of it', async () => {
        const elsewhere = { ...order, jira: 'jira.other.example' };
        await own(dana, elsewhere);
        await dana.look();
        const begun = await dana.records.begin(elsewhere, { kind: 'starting', reached: 'branch' });
        assert.match(begun.note ?? '', /is for jira\.other\.example, and you are signed in to 127/);
        assert.equal((await dana.moves.move(elsewhere, 'analyzing')).kind, 'owed');
        await assert.rejects(dana.records.withdraw(elsewhere), /signed in to/);
        assert.deepEqual([records(), moves(), await dana.settling.owed()], [[], [], []]);
      });

      it('is another than the one that has the task, is told nothing', async () => {
        await placeRun(home, orderOf('https://jira.other.example'), [...working, ...completed]);
        await own(dana, orderOf('https://jira.other.example'));
        assert.deepEqual(await settle(), []);
        assert.deepEqual(records(), []);
      });
    });

    it('asks Jira less and less where the host cannot note what was told', async () => {
      await own();
      await placeRun(home, order, [...working, ...completed]);
      const full = await settler({
        folder: await folderOf(dana),
        through: (call, work) =>
          call === 'host.markSettled'
            ? Promise.reject(new UserError('The disk is full.', 'Make room.'))
            : work(),
      });
      assert.match((await settleOwn(full))[0]?.problems.join() ?? '', /The disk is full/);
      await full.look();
      const asked = simulator.requests.length;
      for (let refresh = 0; refresh < 3; refresh++) assert.deepEqual(await full.settling.settleOwn(), []);
      assert.equal(simulator.requests.length, asked);
      assert.equal((await settle(full)).length, 1);
    });

    it('leaves a run for later whose host does not answer, and pays what is owed of it', async () => {
      await own();
      await placeRun(home, order, [...working, ...completed]);
      const clear = simulator.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
      await settle();
      clear();
      const down = await settler({
        folder: await folderOf(dana),
        through: (call, work) => (call === 'host.read' ? Promise.reject(new Error('down')) : work()),
      });
      const [done] = await settle(down);
      assert.equal(done?.record, 'published');
      assert.match(done.problems.join(), /down/);
      assert.deepEqual(records(), [whole]);
      assert.equal(await world.settledLines(home, order), 0);
      await settle();
      assert.equal(await world.settledLines(home, order), 9);
    });

    const folderOf = async (who: Settler): Promise<string> =>
      (await who.ledger.condition()).directory.replace(/\/ledger$/, '');
  });
