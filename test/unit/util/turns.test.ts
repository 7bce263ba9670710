import assert from 'node:assert/strict';
import { Turns } from '../../../src/util/turns';
import { isCancelled } from '../../../src/model/errors';

describe('turns', () => {
  function gate() {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { open, opened };
  }

  it('come one after another, also after a failure, and each thing has its own', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const { open, opened } = gate();
    const first = turns.next('a', async () => {
      await opened;
      seen.push('first');
      throw new Error('lost');
    });
    const second = turns.next('a', async () => void seen.push('second'));
    await turns.next('b', async () => void seen.push('other'));
    assert.deepEqual(seen, ['other']);
    open();
    await assert.rejects(first, /lost/);
    await second;
    assert.deepEqual(seen, ['other', 'first', 'second']);
  });

  it('can be given up, which lets nobody past who was there before', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const { open, opened } = gate();
    const first = turns.next('a', () => opened.then(() => void seen.push('first')));
    const abort = new AbortController();
    const second = turns.next('a', async () => void seen.push('second'), abort.signal);
    const third = turns.next('a', async () => void seen.push('third'));
    abort.abort();
    await assert.rejects(second, isCancelled);
    assert.deepEqual(seen, []);
    open();
    await Promise.all([first, third]);
    assert.deepEqual(seen, ['first', 'third']);
  });
});
