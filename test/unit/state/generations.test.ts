import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../src/model/errors';
import { listAside, setAside } from '../../../src/state/damaged';
import { Generations } from '../../../src/state/generations';

describe('generations', () => {
  let directory: string;
  let told: string[] = [];
  const schema = z.array(z.string());
  const format = { version: 1, schema, migrations: {}, initial: (_lost: boolean): string[] => [] };
  const open = (at = directory, changed: Partial<typeof format> = {}) =>
    new Generations(at, { ...format, ...changed }, { onDamaged: (path) => told.push(path) });
  const add = (word: string) => (words: string[]) => [...words, word];
  const file = (number: number) => join(directory, `g${number}.json`);
  const names = async () => (await readdir(directory)).toSorted();

  beforeEach(async () => {
    told = [];
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

  it('leave nothing behind of what could not be written', async () => {
    await open().update(add('a'));
    const unwritable = (): string[] => [1n as unknown as string];
    await assert.rejects(open().update(unwritable), TypeError);
    assert.deepEqual(await names(), ['g1.json']);
  });

  it('say what to do where nobody may write', async () => {
    const place = join(directory, 'taken');
    await writeFile(place, '');
    for (const at of [place, join(place, 'below')])
      await assert.rejects(open(at).update(add('a')), (error: unknown) => {
        assert.ok(error instanceof UserError);
        return error.line.startsWith(`${at} cannot be written. Let this account write there`);
      });
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
    it(`pass over a newest file that is ${what}, for the one before, and set it aside once they write`, async () => {
      await open().update(add('a'));
      await open().update(add('b'));
      await writeFile(file(2), content);
      assert.deepEqual(await open().read(), ['a']);
      assert.deepEqual(await names(), ['g1.json', 'g2.json']); // Looking never writes.
      assert.deepEqual(await open().update(add('c')), ['a', 'c']);
      assert.deepEqual(await open().read(), ['a', 'c']);
      // Its number is not given again: a reader that found it damaged must not miss a good one.
      assert.deepEqual(await names(), ['damaged', 'g1.json', 'g3.json']);
      assert.deepEqual(told, await listAside(directory));
      assert.equal(await readFile(told[0]!, 'utf8'), content);
    });

  it('begin anew above files that are all damaged, and say so', async () => {
    for (const number of [1, 2, 3]) await writeFile(file(number), '{');
    const initial = (lost: boolean): string[] => (lost ? ['lost'] : []);
    const generations = open(directory, { initial });
    assert.deepEqual(await generations.read(), ['lost']);
    await generations.update(add('a'));
    assert.deepEqual(await open().read(), ['lost', 'a']);
    assert.deepEqual(await names(), ['damaged', 'g4.json']);
    assert.equal((await listAside(directory)).length, 3);
  });

  it('set aside, when their time has come, what a killed writer left damaged below the newest', async () => {
    await writeFile(file(1), '{');
    await writeFile(file(2), JSON.stringify({ ops: [], value: ['a'] }));
    for (const word of ['b', 'c', 'd']) await open().update(add(word));
    assert.deepEqual(await names(), ['damaged', 'g2.json', 'g3.json', 'g4.json', 'g5.json']);
  });

  it('keep of what was set aside the newest twenty', async () => {
    for (let at = 1; at <= 25; at++) {
      await writeFile(file(1), '{');
      await setAside(directory, 'g1.json', at);
    }
    const aside = (await listAside(directory)).map((path) => Number(basename(path).split('-')[0]));
    assert.deepEqual(
      aside,
      Array.from({ length: 20 }, (_, n) => 25 - n),
    );
    assert.equal(await setAside(directory, 'g1.json', 26), undefined);
  });

  it('lose nothing to several that set the same file aside at once', async () => {
    for (let round = 0; round < 10; round++) {
      await open().update(add(`before ${round}`));
      const { number } = await open().newest();
      await writeFile(file(number), 'cut');
      await Promise.all([1, 2, 3].map((n) => open().update(add(`${round}.${n}`))));
    }
    const words = new Set(await open().read());
    for (let round = 0; round < 10; round++)
      for (const n of [1, 2, 3]) assert.ok(words.has(`${round}.${n}`), `${round}.${n}`);
    assert.equal((await listAside(directory)).length, 10);
  });

  describe('of several formats', () => {
    const second = {
      version: 2,
      schema: z.object({ words: schema }),
      migrations: { 1: (words: unknown) => ({ words }) },
      initial: () => ({ words: [] }),
    };
    const openSecond = () => new Generations(directory, second);

    it('read an older one as theirs, and write their own', async () => {
      await writeFile(file(1), JSON.stringify({ ops: [], value: ['a'] }));
      assert.deepEqual(await openSecond().read(), { words: ['a'] });
      await openSecond().update(({ words }) => ({ words: [...words, 'b'] }));
      const { version, value } = JSON.parse(await readFile(file(2), 'utf8')) as {
        version: number;
        value: unknown;
      };
      assert.deepEqual([version, value], [2, { words: ['a', 'b'] }]);
    });

    it('read of a newer one what they know, and refuse to write to it', async () => {
      await openSecond().update(() => ({ words: ['old'] }));
      await writeFile(
        file(2),
        JSON.stringify({ version: 3, ops: ['x'], value: { words: ['new'], more: 1 } }),
      );
      assert.deepEqual(await openSecond().read(), { words: ['new'] });
      const refused = openSecond().update(() => ({ words: [] }));
      await assert.rejects(
        refused,
        (error) => error instanceof UserError && /Update Task Sessions/.test(error.next),
      );
      assert.deepEqual(await names(), ['g1.json', 'g2.json']);
    });

    it('do not go back behind a newer one of which they understand nothing', async () => {
      await openSecond().update(() => ({ words: ['old'] }));
      await writeFile(file(2), JSON.stringify({ version: 9, state: 'all different' }));
      assert.deepEqual(await openSecond().read(), { words: [] });
      await assert.rejects(
        openSecond().update(() => ({ words: [] })),
        UserError,
      );
    });
  });

  it('parse a generation once, and notice a spoilt one all the same', async () => {
    const generations = open();
    await generations.update(add('a'));
    const first = await generations.read();
    assert.equal(await generations.read(), first);
    await open().update(add('b'));
    assert.deepEqual(await generations.read(), ['a', 'b']);
    await writeFile(file(2), '{');
    assert.deepEqual(await generations.read(), ['a']);
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
