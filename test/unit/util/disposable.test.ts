import assert from 'node:assert/strict';
import { Disposables } from '../../../src/util/disposable';
import { Emitter } from '../../../src/util/event';
import { groupBy } from '../../../src/util/groupBy';

describe('an owner', () => {
  const named = (name: string, ended: string[]) => ({ dispose: () => void ended.push(name) });

  it('disposes the last first, each once, and late additions at once', () => {
    const ended: string[] = [];
    const owner = new Disposables();
    const item = named('a', ended);
    assert.equal(owner.add(item), item);
    owner.add(named('b', ended));
    owner.dispose();
    owner.dispose();
    assert.deepEqual(ended, ['b', 'a']);
    owner.add(named('late', ended));
    assert.deepEqual(ended, ['b', 'a', 'late']);
  });

  it('disposes the others where one fails, and says so', () => {
    const ended: string[] = [];
    const owner = new Disposables();
    owner.add(named('a', ended));
    owner.add({
      dispose: () => {
        throw new Error('stuck');
      },
    });
    owner.add(named('c', ended));
    assert.throws(() => owner.dispose(), /stuck/);
    assert.deepEqual(ended, ['c', 'a']);
  });
});

describe('an event', () => {
  it('reaches every listener, in order, until it is disposed', () => {
    const heard: string[] = [];
    const emitter = new Emitter<number>();
    const first = emitter.event((value) => heard.push(`first ${value}`));
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(1);
    first.dispose();
    first.dispose();
    emitter.fire(2);
    emitter.dispose();
    emitter.fire(3);
    assert.deepEqual(heard, ['first 1', 'second 1', 'second 2']);
  });

  it('reaches the others where one listener fails, which is then said', () => {
    const heard: number[] = [];
    const emitter = new Emitter<number>();
    emitter.event(() => {
      throw new Error('deaf');
    });
    emitter.event((value) => heard.push(value));
    assert.throws(() => emitter.fire(1), /deaf/);
    assert.deepEqual(heard, [1]);
  });

  it('reaches who listens when it happens', () => {
    const heard: string[] = [];
    const emitter = new Emitter<number>();
    emitter.event((value) => {
      heard.push(`first ${value}`);
      second.dispose();
      if (heard.length < 10) emitter.event(() => heard.push(`late ${value}`));
    });
    const second = emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(1);
    assert.deepEqual(heard, ['first 1']);
  });

  it('knows the same function twice as two listeners', () => {
    let heard = 0;
    const emitter = new Emitter<void>();
    const listener = () => void heard++;
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire();
    first.dispose();
    emitter.fire();
    assert.equal(heard, 3);
  });
});

describe('grouping', () => {
  it('keeps the order of keys and of items', () => {
    const groups = groupBy(['b1', 'a1', 'b2', '__proto__'], (text) => text.slice(0, 1));
    assert.deepEqual([...groups], [['b', ['b1', 'b2']], ['a', ['a1']], ['_', ['__proto__']]]); // prettier-ignore
  });
});
