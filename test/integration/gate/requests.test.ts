import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Requests, type PublishedRequest } from '../../../src/actions/gate/requests';
import { IssueWriter } from '../../../src/actions/issue/issueWriter';
import { StatusMoves } from '../../../src/actions/issue/statusMoves';
import { Telling } from '../../../src/actions/run/telling';
import { LocalHost } from '../../../src/hosts/local';
import { requestsFolder, type ApprovalRequest } from '../../../src/model/gate/request/request';
import type { HostReport } from '../../../src/model/session/transcript';
import type { Issue } from '../../../src/model/task/issue';
import { emptySnapshot } from '../../../src/model/task/task';
import { ClaudeSource } from '../../../src/sources/claude/hostReport';
import { recordBody } from '../../../src/sources/jira/records/body';
import { WebhookAddresses } from '../../../src/sources/webhooks/addresses';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { startReceiver, type Receiver } from '../../bed/receiver';
import { demoPhases } from '../../jira/demo/demoTask';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import { id, session, settings } from '../../unit/model/examples';
import { recordsOf } from '../recordsOf';
import { passing, type Through } from '../settling/settlingBed';
import { signedIn } from '../signedIn';

const key = 'PAY-1';
const straight: Through = (_, work) => work();

for (const deployment of ['cloud', 'dataCenter'] as const)
  describe(`Requests on Jira ${deployment}`, function () {
    this.timeout(60_000);
    let bed: Bed;
    let simulator: Simulator;
    let receiver: Receiver;
    let home: string;
    /** What the clients' clocks are ahead. */
    let ahead = 0;

    beforeEach(async () => {
      bed = new Bed();
      ahead = 0;
      home = await bed.folder('home');
      await mkdir(join(home, requestsFolder), { recursive: true, mode: 0o700 });
      await world();
    });
    afterEach(() => bed.dispose());

    /** Another Jira, another webhook. */
    async function world(): Promise<void> {
      simulator = await bed.add(startJira({ deployment }));
      receiver = await bed.add(startReceiver());
      simulator.state.addIssue({ key, summary: 'Refunds', assignee: 'dana' });
    }

    interface Client {
      requests: Requests;
      look(): Promise<void>;
      report(): Promise<HostReport>;
      /** As the host tells it, newest first. */
      asked(): readonly ApprovalRequest[];
      /** Looks, and settles. */
      settle(): Promise<PublishedRequest[]>;
    }

    /** One person's program, which looks and then settles. */
    async function client(through = straight, evidence: 'ledger' | 'record' = 'ledger'): Promise<Client> {
      const real = await signedIn(simulator);
      const { connection } = real;
      const jira = passing('jira', real, through);
      const config = settings({ phases: demoPhases, webhooks: { hook: { kind: 'json' } } });
      const local = new LocalHost({
        name: 'laptop',
        settings: config.local,
        log: silentLog,
        env: { HOME: home, PATH: process.env['PATH'], TMUX_TMPDIR: home },
      });
      await bed.add({
        dispose: () => {
          real.close();
          local.dispose();
        },
      });
      const hosts = [passing('host', local, through)];
      const source = new ClaudeSource(local, { log: silentLog });
      let requests: readonly ApprovalRequest[] = [];
      let issues: Issue[] = [];
      const asking = session({
        id: id(1),
        key,
        evidence,
        directory: '/srv/pay',
        branch: 'task/PAY-1-analysis',
      });
      const store = {
        snapshot: { ...emptySnapshot, hosts: [{ name: 'laptop', local: true }], sessions: [asking] },
        issue: () => issues[0],
        report: () => ({ host: 'laptop', requests }) as never,
      };
      const account = {
        state: { signedIn: true, url: connection.baseUrl, user: connection.user.name },
        jira: () => Promise.resolve(jira),
        noteEdit: () => undefined,
      };
      const telling = new Telling({
        settings: config,
        addresses: new WebhookAddresses(
          {},
          { get: async () => receiver.addresses.json, set: async () => {}, delete: async () => {} },
        ),
        env: {},
        log: silentLog,
      });
      const writer = new IssueWriter({ hosts, store, account, log: silentLog });
      const made = new Requests(
        {
          settings: config,
          hosts,
          store,
          account,
          telling: passing('webhooks', telling, through),
          moves: new StatusMoves(
            { settings: config, ledger: new Ledger(join(home, 'ledger')), log: silentLog },
            writer,
          ),
          log: silentLog,
          now: () => Date.now() + ahead,
        },
        writer,
      );
      const look = async (): Promise<void> => {
        requests = (await source.report()).requests ?? [];
        issues = (await real.search(`key = ${key}`)).items;
      };
      return {
        requests: made,
        look,
        report: () => source.report(),
        asked: () => requests,
        settle: async () => {
          await look();
          return made.settle();
        },
      };
    }

    async function ask(n = 1, fields: object = {}): Promise<void> {
      const request = {
        schema: 1,
        id: id(100 + n),
        sessionId: id(1),
        directory: '/srv/pay',
        commit: 'c'.repeat(40),
        note: `Option ${n}`,
        at: Math.floor(Date.now() / 1000) + n,
        ...fields,
      };
      await writeFile(join(home, requestsFolder, `${request.id}.json`), JSON.stringify(request));
    }

    const issue = () => simulator.state.issue(key);
    const records = () => recordsOf(issue().comments, key);
    const told = () => receiver.taken.map(({ message }) => (message as { text: string }).text);
    const left = async () =>
      (await readdir(join(home, requestsFolder))).filter((one) => one.endsWith('.json'));
    const indexed = () =>
      (issue().properties.get('task-sessions') as { records: { title: string }[] }).records;

    // What is called is the same for both.
    const inCloud = deployment === 'cloud' ? it : () => undefined;

    it('are published once in the comment of their session, told once, and marked', async () => {
      await ask(1);
      await ask(2);
      const dana = await client();
      const [published, ...others] = await dana.settle();
      assert.deepEqual(others, []);
      assert.deepEqual(published, {
        id: id(102),
        host: 'laptop',
        sessionId: id(1),
        key,
        record: 'published',
        told: 1,
        problems: [],
        replaced: 1,
      });
      const [record] = records();
      assert.deepEqual(
        { ...record, commit: undefined },
        {
          ...record,
          title: 'Approval Requested',
          sessionId: id(1),
          host: 'laptop',
          directory: '/srv/pay',
          branch: 'task/PAY-1-analysis',
          commit: undefined,
          reason: 'Option 2',
          status: 'Awaiting Developer Review',
        },
      );
      assert.equal(record?.commit, 'c'.repeat(40));
      assert.equal(issue().comments.length, 1);
      assert.equal(issue().status.name, 'Ready for Review', 'from there it can be approved');
      assert.deepEqual(
        indexed().map(({ title }) => title),
        ['Approval Requested'],
      );
      assert.deepEqual(await left(), []);
      assert.deepEqual(await dana.settle(), []);
      await ask(3);
      assert.equal(
        (await (await client()).settle())[0]?.record,
        'waiting',
        'it asks already, since a moment',
      );
      assert.deepEqual([records()[0]?.reason, (await left()).length], ['Option 2', 1]);
      ahead = 6 * 60_000;
      await (await client()).settle();
      assert.equal(issue().comments.length, 1, 'edited in place');
      assert.equal(records()[0]?.reason, 'Option 3');
      assert.deepEqual(
        told(),
        [2, 3].map((n) => `A session on laptop asks for approval: Option ${n}`),
      );
    });

    it('of two clients at once leave one comment and one message', async () => {
      await ask();
      const both = await Promise.all([client(), client()]);
      await Promise.all(both.map((one) => one.settle()));
      assert.equal(issue().comments.length, 1);
      assert.equal(told().length, 1);
      assert.deepEqual(await left(), []);
    });

    inCloud('end in the same, wherever a client is killed', async () => {
      let calls = 0;
      const killedAt = (n: number, after: boolean): Through => {
        calls = 0;
        return async (_, work) => {
          calls++;
          if (calls > n || (calls === n && !after)) throw new Error('killed');
          const answer = await work();
          if (calls >= n) throw new Error('killed');
          return answer;
        };
      };
      await ask();
      const counting: Through = async (_, work) => {
        calls++;
        return work();
      };
      await (await client(counting)).settle();
      const whole = calls;
      assert.ok(whole >= 5, `${whole} calls`);
      for (let n = 1; n <= whole; n++)
        for (const after of [false, true]) {
          await world();
          await ask(n, { id: id(1000 + 2 * n + Number(after)) });
          await (await client(killedAt(n, after))).settle().catch(() => undefined);
          await (await client()).settle();
          const where = `killed ${after ? 'after' : 'before'} call ${n}`;
          assert.equal(issue().comments.length, 1, where);
          assert.equal(records()[0]?.title, 'Approval Requested', where);
          assert.deepEqual(
            indexed().map(({ title }) => title),
            ['Approval Requested'],
            where,
          );
          assert.deepEqual(await left(), [], where);
          assert.equal(issue().status.name, 'Ready for Review', where);
          assert.ok(told().length <= 1, where);
        }
    });

    inCloud('cost one comment and one message, however many a session writes, and whenever it says to have asked', async () => {
      await Promise.all(
        Array.from({ length: 1000 }, (_, n) => ask(2000 + n, { note: n < 990 ? 'More' : `More ${n}`, at: 9e9 + n })),
      );
      await ask(1, { note: 'The newest' });
      await ask(2, { sessionId: id(2), note: 'Another session mentions "sessionId":"' + id(1) + '"' });
      const dana = await client();
      await dana.look();
      const { problems } = await dana.report();
      assert.deepEqual(problems.filter((one) => one.includes('requests')), ['of 1002 requests for approval only the newest 50 are read']);
      const [first, ...others] = await dana.requests.settle();
      assert.deepEqual([first?.record, others], ['published', []]);
      const age = Date.now() - (dana.asked()[0]?.at ?? 0);
      assert.ok(age > -2000 && age < 60_000, `dated into the future, it counts from when it was there: ${age}`);
      // Those that came in the same instant may be left; everything older is done.
      for (let n = 0; n < 2; n++) await dana.settle();
      assert.deepEqual([issue().comments.length, told().length], [1, 1]);
      assert.ok((await left()).length < 20, `${(await left()).length} left`);
      assert.ok((await left()).includes(`${id(102)}.json`), 'that of another session stays');
    }); // prettier-ignore

    it('wait for a Jira that is down, with pauses, and are only settled by themselves where they are ours', async () => {
      await ask();
      const dana = await client();
      const isUp = simulator.faults.add({ kind: 'status', status: 503 }, { path: /comment/, method: 'POST' });
      const [owed] = await dana.settle();
      assert.equal(owed?.record, 'owed');
      assert.equal(owed.problems.length, 1);
      assert.equal((await left()).length, 1);
      assert.deepEqual(await dana.requests.settleOwn(), [], 'not again at once');
      isUp();
      assert.equal((await dana.settle())[0]?.record, 'published');

      await ask(2);
      const other = await client(straight, 'record');
      await other.look();
      assert.deepEqual(await other.requests.settleOwn(), [], 'another person starts it');
    });

    it('publish nothing that a person has answered, or that names another task', async () => {
      await ask(1, { key: 'PAY-2' });
      const dana = await client();
      const [unbound] = await dana.settle();
      assert.equal(unbound?.record, 'unbound');
      assert.match(unbound.problems[0]!, /asks for approval of PAY-2, and belongs to PAY-1/);
      assert.equal(issue().comments.length, 0);

      await ask(1, { at: 1000 });
      const body = recordBody(
        deployment === 'cloud' ? 'adf' : 'wiki',
        { title: 'AI Implementation Started', sessionId: id(1), status: 'Running' },
        { issueKey: key },
      );
      simulator.state.addComment(key, { author: 'dana', body: body as never });
      assert.equal((await dana.settle())[0]?.record, 'answered');
      assert.deepEqual(await left(), []);
      assert.equal(records()[0]?.title, 'AI Implementation Started');
      assert.deepEqual(told(), []);
    });
  });
