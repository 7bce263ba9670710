import assert from 'node:assert/strict';
import { Telling, type Claim } from '../../src/actions/run/telling';
import { webhookEvents, type Settings } from '../../src/model/settings';
import { addressVariable, WebhookAddresses } from '../../src/sources/webhooks/addresses';
import type { Tiding } from '../../src/sources/webhooks/tiding';
import type { Log } from '../../src/util/log';
import { startReceiver, type Receiver, type ReceiverFault, type ReceiverKind } from '../bed/receiver';

const tiding: Tiding = {
  event: 'complete',
  at: Date.UTC(2026, 10, 21, 9, 30),
  task: {
    key: 'PAY-456',
    summary: 'Refunds <!channel> charge *twice* & more [click](https://evil.example)\u202e',
    url: 'https://jira.acme.example/browse/PAY-456?a=1&b=2|3',
  },
  text: 'Five documents are on task/PAY-456-analysis.',
  next: 'Read them, then approve.',
  run: {
    id: '11111111-1111-4111-8111-111111111111',
    kind: 'analysis',
    host: 'devserver',
    sessionId: '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01',
    branch: 'task/PAY-456-analysis',
  },
};

describe('Webhooks', () => {
  let receiver: Receiver;
  let logged: string[];
  let claimed: Set<string>;
  beforeEach(async () => {
    receiver = await startReceiver();
    logged = [];
    claimed = new Set();
  });
  afterEach(() => receiver.dispose());

  const log: Log = {
    debug: (line) => logged.push(line),
    info: (line) => logged.push(line),
    warn: (line) => logged.push(line),
    error: (line) => logged.push(line),
  };
  /** As the folder of a run does: `mkdir told/<name>`. */
  const claim: Claim = (name) => {
    assert.match(name, /^[A-Za-z0-9_-]+$/);
    const first = !claimed.has(name);
    claimed.add(name);
    return Promise.resolve(first);
  };
  const telling = (
    webhooks: Record<string, Partial<Settings['webhooks'][string]> & { kind: ReceiverKind }>,
    env: NodeJS.ProcessEnv = {
      TASK_SESSIONS_WEBHOOK_TEAM_ROOM: receiver.addresses.slack,
      TASK_SESSIONS_WEBHOOK_TEAMS: receiver.addresses.teams,
      TASK_SESSIONS_WEBHOOK_PLAIN: receiver.addresses.json,
    },
    timeoutMs = 20_000,
  ): Telling =>
    new Telling({
      settings: {
        webhooks: Object.fromEntries(
          Object.entries(webhooks).map(([name, one]) => [name, { events: [...webhookEvents], ...one }]),
        ),
        jira: { caFile: '' },
      },
      addresses: new WebhookAddresses(env),
      env: {},
      log,
      times: { timeoutMs, pauseMs: 5, maxPauseMs: 2000 },
    });
  const slack = (timeoutMs?: number): Telling =>
    telling({ 'team-room': { kind: 'slack' } }, undefined, timeoutMs);

  it('tells each in its own form', async () => {
    const all = telling({
      'team-room': { kind: 'slack' },
      teams: { kind: 'teams' },
      plain: { kind: 'json' },
    });
    assert.deepEqual(await all.tell(tiding, claim), { told: 3, problems: [] });
    const message = (kind: ReceiverKind): unknown => receiver.taken.find((one) => one.kind === kind)?.message;
    const summary = 'Refunds <!channel> charge *twice* & more [click](https://evil.example)';
    assert.deepEqual(message('slack'), {
      text: 'PAY-456 Analysis complete: Refunds &lt;!channel&gt; charge *twice* &amp; more [click](https://evil.example)',
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*<https://jira.acme.example/browse/PAY-456?a=1&amp;b=2%7C3|PAY-456>* Analysis complete',
          },
        },
        { type: 'section', text: { type: 'plain_text', text: summary, emoji: false } },
        { type: 'section', text: { type: 'plain_text', text: tiding.text, emoji: false } },
        { type: 'context', elements: [{ type: 'plain_text', text: tiding.next, emoji: false }] },
      ],
    });
    const card = JSON.parse(JSON.stringify(message('teams'))) as {
      attachments: { content: { body: unknown[]; actions: unknown[] } }[];
    };
    assert.deepEqual(card.attachments[0]?.content.body[1], {
      type: 'RichTextBlock',
      inlines: [{ type: 'TextRun', text: summary }],
    });
    assert.deepEqual(card.attachments[0]?.content.actions, [
      { type: 'Action.OpenUrl', title: 'Open PAY-456', url: tiding.task.url },
    ]);
    assert.deepEqual(message('json'), {
      schema: 1,
      id: `${tiding.run?.id}/complete-plain-1`,
      event: 'complete',
      at: '2026-11-21T09:30:00.000Z',
      task: { key: 'PAY-456', summary, url: tiding.task.url },
      title: 'Analysis complete',
      text: tiding.text,
      next: tiding.next,
      run: tiding.run,
    });
  });

  it('gives no link that is not https', async () => {
    const task = { ...tiding.task, url: 'http://127.0.0.1:7456/browse/PAY-456' };
    await telling({ 'team-room': { kind: 'slack' }, teams: { kind: 'teams' } }).tell(
      { ...tiding, task },
      claim,
    );
    assert.equal(receiver.taken.length, 2);
    assert.doesNotMatch(JSON.stringify(receiver.taken), /7456/);
  });

  it('tells only of what is asked for', async () => {
    const failures = telling({ plain: { kind: 'json', events: ['failed'] } });
    assert.deepEqual(await failures.tell(tiding, claim), { told: 0, problems: [] });
    assert.deepEqual(await failures.tell({ ...tiding, event: 'failed' }, claim), { told: 1, problems: [] });
  });

  it('tells those who ask only for what needs them of every end', async () => {
    const needs = telling({ plain: { kind: 'json', events: ['needsYou'] } });
    assert.equal((await needs.tell({ ...tiding, event: 'started' }, claim)).told, 0);
    assert.equal((await needs.tell(tiding, claim)).told, 1);
    assert.match(JSON.stringify(receiver.taken), /needsYou/);
    const both = telling({ plain: { kind: 'json', events: ['needsYou', 'complete'] } });
    assert.equal((await both.tell({ ...tiding, occasion: 2 }, claim)).told, 1);
  });

  it('tells once, whoever settles, and again of another attempt', async () => {
    const [mine, theirs] = [slack(), slack()];
    const both = await Promise.all([mine.tell(tiding, claim), theirs.tell(tiding, claim)]);
    assert.equal(
      both.reduce((sum, { told }) => sum + told, 0),
      1,
    );
    assert.equal(receiver.requests, 1);
    assert.equal((await mine.tell({ ...tiding, occasion: 2 }, claim)).told, 1);
    assert.deepEqual([...claimed], ['complete-team-room-1', 'complete-team-room-2']);
  });

  const status = (code: number, headers: Record<string, string> = {}, body = ''): ReceiverFault => ({
    kind: 'status',
    status: code,
    headers,
    body,
  });
  const tries: { name: string; faults: ReceiverFault[]; told: number; requests: number; problem?: RegExp }[] =
    [
      { name: 'a reset, then well', faults: [{ kind: 'reset' }], told: 1, requests: 2 },
      { name: 'trouble twice, then well', faults: [status(500), status(503)], told: 1, requests: 3 },
      {
        name: 'too many, and when again',
        faults: [status(429, { 'retry-after': '1' })],
        told: 1,
        requests: 2,
      },
      {
        name: 'too many for long',
        faults: [status(429, { 'retry-after': '600' })],
        told: 0,
        requests: 1,
        problem: /it answered 429/,
      },
      {
        name: 'trouble for ever',
        faults: [status(502), status(502), status(502)],
        told: 0,
        requests: 3,
        problem: /it answered 502/,
      },
      {
        name: 'no such webhook',
        faults: [status(404, {}, 'no_service')],
        told: 0,
        requests: 1,
        problem: /it answered 404 \(no_service\)\. Make the webhook anew/,
      },
      {
        name: 'an answer that repeats the address',
        faults: [status(404, {}, 'Cannot POST /services/s3cr3ts3cr3t')],
        told: 0,
        requests: 1,
        problem: /it answered 404\. /,
      },
      {
        name: 'a forward elsewhere',
        faults: [status(307, { location: 'http://localhost:1/else' })],
        told: 0,
        requests: 1,
        problem: /It forwards elsewhere/,
      },
      {
        name: 'silence, after which nobody knows',
        faults: [{ kind: 'silent' }],
        told: 0,
        requests: 1,
        problem: /it does not answer/,
      },
    ];
  for (const { name, faults, told, requests, problem } of tries)
    it(`bears ${name}`, async () => {
      receiver.fail(...faults);
      const isSilent = faults.some(({ kind }) => kind === 'silent');
      const answer = await slack(isSilent ? 500 : undefined).tell(tiding, claim);
      assert.equal(answer.told, told);
      assert.equal(receiver.requests, requests);
      assert.equal(receiver.taken.length, told);
      if (problem) assert.match(answer.problems.join('\n'), problem);
      else assert.deepEqual(answer.problems, []);
      assert.doesNotMatch([...logged, ...answer.problems].join('\n'), /s3cr3t|services/);
    });

  it('does not let one that is away keep the others', async () => {
    const env = {
      TASK_SESSIONS_WEBHOOK_GONE: 'http://127.0.0.1:1/s3cr3t',
      TASK_SESSIONS_WEBHOOK_PLAIN: receiver.addresses.json,
    };
    const both = telling({ gone: { kind: 'slack' }, plain: { kind: 'json' } }, env);
    const { told, problems } = await both.tell(tiding, claim);
    assert.equal(told, 1);
    assert.match(problems.join(), /^Webhook gone: 127\.0\.0\.1:1: it cannot be reached \(ECONNREFUSED\)\./);
  });

  it('leaves the claim to somebody who knows the address', async () => {
    const { told, problems } = await telling({ 'team-room': { kind: 'slack' } }, {}).tell(tiding, claim);
    assert.equal(told, 0);
    assert.deepEqual(problems, [
      'Webhook team-room: no address is known. Set Webhook Address, or TASK_SESSIONS_WEBHOOK_TEAM_ROOM.',
    ]);
    assert.equal((await slack().tell(tiding, claim)).told, 1);
  });

  it('does not send where it cannot be known that nobody else does', async () => {
    const { told, problems } = await slack().tell(tiding, () =>
      Promise.reject(new Error('devserver is away')),
    );
    assert.equal(told, 0);
    assert.deepEqual(problems, ['Webhook team-room: devserver is away']);
    assert.equal(receiver.requests, 0);
  });

  it('stops when it is cancelled', async () => {
    receiver.fail(status(503, { 'retry-after': '2' }));
    const abort = new AbortController();
    const telling = slack().tell(tiding, claim, abort.signal);
    const refused = assert.rejects(telling, { name: 'CancelledError' });
    setImmediate(() => abort.abort());
    await refused;
    assert.equal(receiver.taken.length, 0);
  });
});

describe('Addresses of webhooks', () => {
  const refusals: [string, RegExp][] = [
    ['http://hooks.example/s3cr3t', /hooks\.example would be reached by plain http/],
    ['hooks.example/s3cr3t', /not the address/],
    ['ftp://hooks.example/s3cr3t', /not the address/],
    ['javascript:s3cr3t', /not the address/],
    [`https://hooks.example/s3cr3t${'x'.repeat(5000)}`, /not the address/],
  ];
  for (const [address, expected] of refusals)
    it(`refuse ${address.slice(0, 40)}, and do not repeat it`, async () => {
      const addresses = new WebhookAddresses({ TASK_SESSIONS_WEBHOOK_A: address });
      await assert.rejects(addresses.find('a'), (error: Error) => {
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /s3cr3t/);
        return true;
      });
    });

  it('come from the secret store first, from the environment where it fails or has none', async () => {
    const kept = new Map([['a', 'https://hooks.example/kept']]);
    const store = {
      get: (name: string) =>
        name === 'b' ? Promise.reject(new Error('locked')) : Promise.resolve(kept.get(name)),
      set: (name: string, address: string) => Promise.resolve(void kept.set(name, address)),
      delete: (name: string) => Promise.resolve(void kept.delete(name)),
    };
    const env = Object.fromEntries(
      ['a', 'b', 'c-d'].map((name) => [addressVariable(name), `https://hooks.example/${name}`]),
    );
    const addresses = new WebhookAddresses(env, store);
    const found = async (name: string): Promise<string | undefined> => (await addresses.find(name))?.pathname;
    assert.equal(await found('a'), '/kept');
    assert.equal(await found('b'), '/b');
    assert.equal(await found('c-d'), '/c-d');
    await addresses.set('a', undefined);
    assert.equal(await found('a'), '/a');
    await addresses.set('e', new URL('http://127.0.0.1:1234/e'));
    assert.equal(await found('e'), '/e');
    assert.equal(await found('nobody'), undefined);
  });
});
