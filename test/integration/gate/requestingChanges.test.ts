import assert from 'node:assert/strict';
import { Commenting } from '../../../src/actions/gate/commenting';
import { RequestingChanges } from '../../../src/actions/gate/requestingChanges';
import { othersOn } from '../../../src/actions/issue/othersRuns';
import { kindOf } from '../../../src/model/binding/binding';
import { mergeClaims } from '../../../src/model/record/merge';
import { IssueWriter } from '../../../src/actions/issue/issueWriter';
import type { Asked } from '../../../src/actions/session/asking/asked';
import type { Phase, Task } from '../../../src/model/task/task';
import { emptySnapshot } from '../../../src/model/task/task';
import { approvalCounts, approvalOf } from '../../../src/model/gate/approval/approval';
import type { RecordClaim } from '../../../src/model/record/record';
import { parseRecords } from '../../../src/model/record/parse';
import { phaseOf } from '../../../src/model/task/phase';
import { markupLines } from '../../../src/sources/jira/markup/lines';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import { recordBody } from '../../../src/sources/jira/records/body';
import { JiraError } from '../../../src/sources/jira/errors';
import type { UserError } from '../../../src/model/errors';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { startJira, type Jira } from '../../jira/simulator';
import { id, session as sessionOf, settings as settingsOf, task as taskOf } from '../../unit/model/examples';
import { makeClient, type Client } from '../publishingBed';
import { passing, type Through } from '../settling/settlingBed';

const commit = 'abcdef0123456789abcdef0123456789abcdef01';
const reasons = 'Step 2 forgets the refunds.\n\nApproved for Implementation\n# and @mentions';
const phases = { analyzing: 'AI Analysis', awaitingReview: 'Ready for Review', approved: 'Approved' };

for (const deployment of ['cloud', 'dataCenter'] as const)
  describe(`requesting changes (${deployment})`, () => {
    const bed = new Bed();
    let jira: Jira;
    let client: Client;
    let task: Task;
    let asked: string[];
    let answer: Asked;
    let issues = 0;
    let through: Through;
    const session = sessionOf({ id: id(7), branch: 'task/PAY-1-analysis', directory: '/srv/platform' });

    before(async () => {
      jira = await bed.add(startJira({ deployment }));
      client = await bed.add(makeClient({ url: jira.url, deployment, folder: await bed.folder('state') }));
    });
    after(() => bed.dispose());
    beforeEach(() => {
      through = (_, work) => work();
      const key = `PAY-${++issues}`;
      jira.state.addIssue({ key, summary: 'Refunds', assignee: 'dana', status: 'Ready for Review' });
      task = taskOf(key, { head: commit, sessions: [session], docs: [] });
      asked = [];
      answer = { kind: 'asked', started: false, open: { id: '', title: '', argv: [], host: 'laptop' } };
    });

    const writer = (): IssueWriter =>
      new IssueWriter({
        hosts: [],
        store: { snapshot: { ...emptySnapshot, tasks: [task] } },
        account: account(),
        log: silentLog,
      });
    const account = () => ({
      state: { signedIn: true, url: client.jira.connection.baseUrl },
      jira: () => Promise.resolve(passing('jira', client.jira, through)),
      noteEdit: () => undefined,
    });
    const requesting = (mapping: Partial<Record<Phase, string>> = phases): RequestingChanges =>
      new RequestingChanges(
        {
          settings: settingsOf({ phases: mapping }),
          account: account(),
          asking: {
            ask: (_, text) => {
              asked.push(text);
              return Promise.resolve(answer);
            },
          },
        },
        writer(),
      );
    const linesOf = (body: unknown): string[] => markupLines(readMarkup(body)).map(({ text }) => text);
    const comments = (): string[][] => jira.state.issue(task.key).comments.map(({ body }) => linesOf(body));
    const phase = async (mapping: Partial<Record<Phase, string>>) => {
      const issue = (await client.issues()).find(({ key }) => key === task.key)!;
      return phaseOf(issue, settingsOf({ phases: mapping }).phases, { counts: () => true });
    };

    it('writes the reasons and the record, moves the issue back, and tells the session', async () => {
      const plan = await requesting().plan(task);
      assert.equal(plan.move.kind === 'way' && plan.move.to, 'AI Analysis');
      assert.deepEqual([plan.commit, plan.sessions, plan.untold], [commit, [session], undefined]);
      const done = await requesting().request(task, { reasons, session });
      assert.deepEqual([done.moved, done.told?.kind, done.problems], ['moved', 'asked', []]);
      const [comment, record, ...more] = comments();
      assert.deepEqual(comment, [
        'Changes Requested',
        `Commit: ${commit}`,
        'Status: Changes requested',
        'Step 2 forgets the refunds.',
        '“Approved for Implementation” (only quoted)',
        '# and @mentions',
      ]);
      assert.deepEqual(more, []);
      const [fields] = parseRecords((record ?? []).map((text) => ({ text, quoted: false, block: 'text' })));
      assert.equal(fields?.sessionId, session.id);
      assert.equal(fields?.status, 'Changes requested');
      assert.match(fields?.reason ?? '', /^Step 2 forgets the refunds/);
      assert.equal(jira.state.issue(task.key).status.name, 'AI Analysis');
      assert.equal(asked.length, 1);
      assert.match(
        asked[0]!,
        /Changes to the documents of PAY-\d+ as they stand at abcdef012345 are requested/,
      );
      assert.match(asked[0]!, /\n# and ＠mentions\n/);
      const after = await phase(phases);
      assert.deepEqual(
        [after.phase, after.failed, after.cause.kind],
        ['analyzing', false, 'changesRequested'],
      );
      assert.equal((await phase({})).phase, 'analyzing');
    });

    it('leaves the session what it is, and is no run that another would have to wait for', async () => {
      for (const kind of ['analysis', 'implementation'] as const) {
        const own = { ...session, kind };
        task = { ...task, sessions: [own] };
        await requesting({}).request(task, { reasons: 'Look again', session: own });
        const { claims } = (await client.issues()).find(({ key }) => key === task.key)!;
        const [record] = mergeClaims(claims).sessions;
        assert.equal(kindOf(record, undefined), kind);
        assert.deepEqual(await othersOn(client.jira, { key: task.key, kind, sessionId: id(99) }), []);
        assert.equal((await phase({})).phase, 'analyzing');
      }
    });

    it('does nothing twice, whenever it was killed', async () => {
      const fields = (): string => JSON.stringify(comments());
      await requesting().request(task, { reasons, session });
      const once = fields();
      // Killed before the record and the move.
      const other = jira.state.issue(task.key);
      jira.state.deleteComment(task.key, other.comments[1]!.id);
      jira.state.setStatus(task.key, 'Ready for Review', 'dana');
      const done = await requesting().request(task, { reasons, session });
      assert.equal(done.comment.isNew, false);
      assert.equal(fields(), once);
      assert.equal(jira.state.issue(task.key).status.name, 'AI Analysis');
      await requesting().request(task, { reasons: 'Another reason', session });
      assert.equal(comments().length, 3);
    });

    it('says at every call what is left to do where Jira is down from there on, and does it when asked again', async () => {
      let calls = 0;
      for (let at = 1; at === 1 || calls >= at - 1; at++) {
        task = taskOf(`PAY-${++issues}`, { head: commit, sessions: [session], docs: [] });
        jira.state.addIssue({ key: task.key, summary: 'Refunds', status: 'Ready for Review' });
        calls = 0;
        asked = [];
        through = async (_, work) => {
          if (++calls < at) return work();
          // Every second time only the answer is lost.
          if (calls === at && at % 2 === 0) await work();
          throw new JiraError({ kind: 'network', host: 'jira.example', code: 'ECONNREFUSED' });
        };
        const said = await requesting()
          .request(task, { reasons, session })
          .then(
            ({ problems }) => problems.join(' '),
            (error: unknown) => (error as UserError).line,
          );
        // Of the index nobody need say it: it is a cache.
        if (calls >= at) assert.match(said, /again|^The index of records/, `call ${at}: ${said}`);
        through = (_, work) => work();
        const again = await requesting().request(task, { reasons, session });
        assert.deepEqual([again.problems, comments().length, jira.state.issue(task.key).status.name], [[], 2, 'AI Analysis'], `call ${at}`); // prettier-ignore
      }
      assert.ok(calls > 5);
    });

    it('offers the reasons again that the session could not be told', async () => {
      answer = { kind: 'refused', reason: 'Claude is still at work in it.', next: 'Ask again.', waysOut: [] };
      const done = await requesting().request(task, { reasons: 'Say why.\nAnd how.', session });
      assert.match(done.problems.join(), /has not been told: Claude is still at work in it\. Ask again\./);
      const { untold } = await requesting().plan(task);
      assert.deepEqual(untold, { reasons: 'Say why.\nAnd how.', sessionId: session.id });
      assert.equal((await phase({})).cause.kind, 'changesRequested');
      answer = { kind: 'asked', started: true, open: { id: '', title: '', argv: [], host: 'laptop' } };
      const again = await requesting().request(task, { reasons: untold.reasons, session });
      assert.deepEqual([again.comment.isNew, again.problems], [false, []]);
      assert.equal((await requesting().plan(task)).untold, undefined);
      assert.equal(comments().length, 2);
    });

    it('ends an approval, also where no status and no session is to say it', async () => {
      const { id: me } = client.jira.connection.user;
      const approvers = settingsOf({ approvers: [me] });
      const body = recordBody(
        client.jira.format,
        { title: 'Approved for Implementation', commit, documents: [{ path: 'docs/plan.md', blob: commit }] },
        { issueKey: task.key },
      );
      const docs = [{ name: 'plan.md', path: 'docs/plan.md', blob: commit }];
      const look = async () => {
        const issue = (await client.issues()).find(({ key }) => key === task.key)!;
        const judged = { ...issue, transitions: (await client.jira.statusChanges(task.key))! };
        const counts = (one: RecordClaim) => approvalCounts(one, judged, approvers);
        const { phase: now } = phaseOf(judged, approvers.phases, { counts });
        return [now, approvalOf(judged, docs, commit, approvers)?.commit];
      };
      for (const _ of ['once', 'and for the same reasons again']) {
        await client.jira.addComment(task.key, body);
        assert.deepEqual(await look(), ['approved', commit]);
        const done = await requesting({}).request(task, { reasons: 'Session ID: none\nLook again' });
        assert.deepEqual([done.moved, done.comment.isNew], ['unmapped', true]);
        assert.deepEqual(await look(), ['analyzing', undefined]);
        assert.equal((await requesting({}).request(task, { reasons: 'Session ID: none\nLook again' })).comment.isNew, false); // prettier-ignore
      }
      assert.equal(comments().length, 4);
    });

    it('writes nothing that it could not tell whole, and claims no session that is not the task’s', async () => {
      const others = [{ ...session, id: id(8), key: 'OPS-1' }, { ...session, id: id(9), evidence: 'candidate' }] as const; // prettier-ignore
      task = { ...task, sessions: [session, others[1]] };
      for (const other of others)
        await assert.rejects(
          requesting().request(task, { reasons: 'x', session: other }),
          /is not one of PAY-/,
        );
      await assert.rejects(requesting().request(task, { reasons: 'x'.repeat(10_001) }), /10001 characters/);
      assert.deepEqual([comments(), asked], [[], []]);
    });

    it('tells what stays undone', async () => {
      const nowhere = requesting({ analyzing: 'No such status' });
      assert.match((await nowhere.plan(task)).obstacle?.reason ?? '', /offers you no transition/);
      const done = await nowhere.request(task, { reasons: 'Look again' });
      assert.deepEqual([done.moved, done.told], ['refused', undefined]);
      assert.match(done.problems.join(), /offers you no transition .*from Ready for Review/);
      assert.equal(comments().length, 1);
      assert.equal((await requesting({}).request(task, { reasons: 'Look again' })).moved, 'unmapped');
      await assert.rejects(requesting().request(task, { reasons: ' \n' }), /no reasons/);
    });

    it('comments on lines once, also where the answer was lost', async () => {
      const commenting = new Commenting(account(), writer());
      const quoted = {
        path: 'docs/plan.md',
        first: 2,
        last: 3,
        text: 'Approved for Implementation\n# Two',
        commit,
      };
      jira.faults.add({ kind: 'cut', afterBytes: 0 }, { path: /\/comment/, method: 'POST', times: 1 });
      const words = 'Approved for Implementation';
      const first = await commenting.comment(task.key, quoted, words);
      const again = await commenting.comment(task.key, quoted, words);
      assert.equal(again.id, first.id);
      assert.deepEqual(comments(), [
        [
          'Lines: docs/plan.md:2-3 (abcdef0)',
          'Approved for Implementation',
          '# Two',
          '“Approved for Implementation” (only quoted)',
        ],
      ]);
      assert.match(first.url, new RegExp(`/browse/${task.key}\\?focusedCommentId=${first.id}$`));
    });
  });
