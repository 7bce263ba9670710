import assert from 'node:assert/strict';
import type { Settlement } from '../../../src/actions/run/progress';
import { OwnSettling } from '../../../src/ui/runs/ownSettling';
import { run } from './runs';

const settlement = (fields: Partial<Settlement> = {}): Settlement => ({
  run: { ...run(), state: 'complete' },
  record: 'published',
  status: 'moved',
  told: 0,
  problems: [],
  ...fields,
});

/** One whose settling answers what the test says; counts calls. */
function bench(answer: () => Promise<Settlement[]>) {
  const seen = { calls: 0, news: [] as string[], warnings: [] as string[], now: 0, allowed: true };
  const none = (): void => undefined;
  const own = new OwnSettling({
    settling: {
      settleOwn: () => {
        seen.calls++;
        return answer();
      },
    },
    debts: {
      pay: async () => [{ kind: 'link', key: 'PAY-2', result: 'owed', problem: 'The link is owed.' }],
    },
    allowed: () => seen.allowed,
    onSettled: (done) => {
      seen.news.push(...done.map((one) => one.run.key));
      return Promise.resolve();
    },
    log: { debug: none, info: none, warn: (text: string) => seen.warnings.push(text), error: none },
    now: () => seen.now,
  });
  return { own, seen };
}

describe('settling in the background', () => {
  it('runs once at a time', async () => {
    let end: (done: Settlement[]) => void = () => undefined;
    const { own, seen } = bench(() => new Promise((resolve) => (end = resolve)));
    const both = [own.run(), own.run()];
    end([settlement()]);
    await Promise.all(both);
    assert.equal(seen.calls, 1);
    assert.deepEqual(seen.news, ['PAY-1']);
  });

  it('tells of news only', async () => {
    const { own, seen } = bench(() =>
      Promise.resolve([settlement({ record: 'unchanged', status: 'unchanged' })]),
    );
    await own.run();
    assert.deepEqual(seen.news, []);
  });

  for (const [what, answer] of [
    ['it fails', () => Promise.reject(new Error('no way'))],
    ['something stays owed', () => Promise.resolve([settlement({ record: 'owed', problems: ['no way'] })])],
  ] as const)
    it(`waits longer each time while ${what}`, async () => {
      const { own, seen } = bench(answer);
      const calls: number[] = [];
      for (seen.now = 0; seen.now < 250_000; seen.now += 10_000) {
        const before = seen.calls;
        await own.run();
        if (seen.calls > before) calls.push(seen.now / 1000);
      }
      assert.deepEqual(calls, [0, 30, 90, 210]);
      assert.match(seen.warnings[0]!, /no way/);
    });

  it('waits for nothing where there is news, and settles again after a settling that was under way', async () => {
    const { own, seen } = bench(() => Promise.reject(new Error('no way')));
    await own.run();
    await own.run();
    assert.equal(seen.calls, 1);
    await Promise.all([own.run(true), own.run(true), own.run()]);
    assert.equal(seen.calls, 3);
  });

  it('does nothing while it may not, nor when it is over', async () => {
    const { own, seen } = bench(() => Promise.resolve([]));
    seen.allowed = false;
    await own.run();
    seen.allowed = true;
    own.dispose();
    await own.run();
    assert.equal(seen.calls, 0);
  });
});
