import assert from 'node:assert/strict';
import type { Host, RunResult } from '../../../src/hosts/host';
import { settingsSchema } from '../../../src/model/settings';
import { createFetcher } from '../../../src/sources/git/fetch';
import type { Fetcher } from '../../../src/sources/git/fetch';

describe('the background fetch', () => {
  const minute = 60_000;
  const place = { name: 'x', host: 'dev', directory: '/srv/x' };
  let clock: number;
  let pending: ((result: RunResult | Error) => void)[];
  let fetcher: Fetcher;

  const host: Host = {
    name: 'dev',
    local: false,
    settings: settingsSchema.parse({}).local,
    run: () => Promise.reject(new Error('unused')),
    script: (_body, _args, options) =>
      new Promise((resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        pending.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
      }),
    interactive: () => [],
    dispose() {},
  };
  const end = async (result: RunResult | Error): Promise<void> => {
    const ended = new Promise((resolve) => fetcher.onDidFetch(resolve));
    pending.shift()?.(result);
    await ended;
  };
  const good: RunResult = { code: 0, stdout: Buffer.alloc(0), stderr: '' };
  const bad: RunResult = { code: 128, stdout: Buffer.alloc(0), stderr: 'fatal: no route' };

  beforeEach(() => {
    clock = 1_000_000;
    pending = [];
    fetcher = createFetcher({ everyMs: 5 * minute, now: () => clock });
  });
  afterEach(() => fetcher.dispose());

  it('runs one at a time for a repository, and others beside it', async () => {
    fetcher.request(host, place);
    fetcher.request(host, place);
    clock += 60 * minute;
    fetcher.request(host, place);
    assert.equal(pending.length, 1);
    assert.equal(fetcher.state(place).running, true);
    fetcher.request(host, { ...place, directory: '/srv/y' });
    assert.equal(pending.length, 2);
    const waiting = fetcher.fetchNow(host, place);
    assert.equal(pending.length, 2);
    await end(good);
    assert.deepEqual(await waiting, { running: false, failures: 0, fetchedAt: clock });
  });

  it('waits between two', async () => {
    fetcher.request(host, place);
    await end(good);
    clock += 5 * minute - 1;
    fetcher.request(host, place);
    assert.equal(pending.length, 0);
    clock += 1;
    fetcher.request(host, place);
    assert.equal(pending.length, 1);
  });

  it('waits longer after each failure, up to two hours, and forgets them at the first success', async () => {
    for (const [failures, wait] of [5, 10, 20, 40, 80, 120, 120].entries()) {
      if (failures > 0) {
        clock += wait * minute - 1;
        fetcher.request(host, place);
        assert.equal(pending.length, 0, `after ${failures} failures`);
        clock += 1;
      }
      fetcher.request(host, place);
      assert.equal(pending.length, 1, `after ${failures} failures`);
      await end(failures % 2 ? bad : new Error('lost'));
    }
    assert.deepEqual(fetcher.state(place), { running: false, failures: 7, error: 'lost' });
    const now = fetcher.fetchNow(host, place);
    await end(good);
    assert.deepEqual(await now, { running: false, failures: 0, fetchedAt: clock });
  });

  it('says in words what failed', async () => {
    fetcher.request(host, place);
    await end(bad);
    assert.match(fetcher.state(place).error ?? '', /no route/);
  });

  it('is ended by disposal, which is no failure, and starts none after it', async () => {
    const waiting = fetcher.fetchNow(host, place);
    fetcher.dispose();
    assert.equal((await waiting).failures, 0);
    fetcher.request(host, { ...place, directory: '/srv/z' });
    assert.equal(pending.length, 1);
  });
});
