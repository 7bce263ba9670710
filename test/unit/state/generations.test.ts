import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Generations } from '../../../src/state/generations';

describe('generations', () => {
  let directory: string;
  const open = (at = directory) => new Generations(at, z.array(z.string()), []);
  const add = (word: string) => (words: string[]) => [...words, word];
  const file = (number: number) => join(directory, `g${number}.json`);
  const names = async () => (await readdir(directory)).toSorted();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-generations-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('begin with the initial value, and reading writes nothing', async () => {
    const place = join(directory, 'not', 'there');
    assert.deepEqual(await open(place).read(), []);
    assert.deepEqual(await names(), []);
    assert.deepEqual(await open(place).update(add('a')), ['a']);
    assert.deepEqual(await open(place).read(), ['a']);
  });

  it('keep the last four, readable by nobody else', async () => {
    for (const word of ['a', 'b', 'c', 'd', 'e', 'f']) await open().update(add(word));
    assert.deepEqual(await names(), ['g3.json', 'g4.json', 'g5.json', 'g6.json']);
    assert.deepEqual(await open().read(), ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('take every change of writers at once', async () => {
    const words = Array.from({ length: 40 }, (_, n) => `word ${n}`);
    await Promise.all(words.map((word) => open().update(add(word))));
    assert.deepEqual((await open().read()).toSorted(), words.toSorted());
  });

  const damage: [what: string, content: string][] = [
    ['cut', '{"ops":[],"value":["a"'],
    ['empty', ''],
    ['of zeros', '\0\0\0\0'],
    ['of another shape', '{"ops":[],"value":{"a":1}}'],
    ['not an object', 'null'],
  ];
  for (const [what, content] of damage)
    it(`pass over a newest file that is ${what}, for the one before`, async () => {
      await open().update(add('a'));
      await open().update(add('b'));
      await writeFile(file(2), content);
      assert.deepEqual(await open().read(), ['a']);
      assert.deepEqual(await open().update(add('c')), ['a', 'c']);
      assert.deepEqual(await open().read(), ['a', 'c']);
      // Its number is not given again: a reader that found it damaged must not miss a good one.
      assert.deepEqual(await names(), ['g1.json', 'g2.json', 'g3.json']);
    });

  it('begin anew above files that are all damaged', async () => {
    for (const number of [1, 2, 3]) await writeFile(file(number), '{');
    assert.deepEqual(await open().read(), []);
    await open().update(add('a'));
    assert.deepEqual(await open().read(), ['a']);
    assert.ok((await names()).includes('g4.json'));
  });

  it('apply the change again where another was faster', async () => {
    const seen: string[][] = [];
    let interrupted = Promise.resolve<unknown>(undefined);
    let first = true;
    const slow = open();
    // The other writer begins in the middle of ours; one of the two must yield, and neither is lost.
    await slow.update((words) => {
      seen.push(words);
      if (first) interrupted = open().update(add('other'));
      first = false;
      return [...words, 'ours'];
    });
    await interrupted;
    assert.deepEqual((await open().read()).toSorted(), ['other', 'ours']);
  });

  it('notice that the number they took had been removed meanwhile', async () => {
    await open().update(add('a'));
    // As if others had written seven generations since we read the first one, and swept.
    const late = open();
    let first = true;
    const written = await late.update((words) => {
      if (first) {
        first = false;
        overtake();
      }
      return [...words, 'late'];
    });
    assert.deepEqual(written, ['a', 'b', 'late']);
    assert.deepEqual(await open().read(), ['a', 'b', 'late']);
  });

  /** Synchronously, so that it happens between a writer's reading and its writing. */
  function overtake(): void {
    writeFileSync(file(8), JSON.stringify({ ops: ['x'], value: ['a', 'b'] }));
    rmSync(file(1));
  }

  it('do not wait for a file that is listed and never there', async () => {
    await symlink('nowhere', file(5));
    assert.deepEqual(await open().read(), []);
  });

  it('say what fails, instead of starting from nothing', async () => {
    await open().update(add('a'));
    await mkdir(file(2));
    await assert.rejects(open().read(), { code: 'EISDIR' });
    await assert.rejects(open(file(1)).read(), { code: 'ENOTDIR' });
  });

  it('leave other files alone', async () => {
    for (const name of ['notes.txt', 'gx.json', 'g1.json.bak']) await writeFile(join(directory, name), 'x');
    for (const word of ['a', 'b', 'c', 'd', 'e', 'f']) await open().update(add(word));
    assert.equal((await names()).filter((name) => !/^g\d\.json$/.test(name)).length, 3);
  });
});
