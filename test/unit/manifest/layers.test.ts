import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { filesIn, read } from './files';

/** CONTRIBUTING, "Rooms": what each room may import, besides itself. */
const base = ['model', 'util'];
const core = [...base, 'hosts', 'state', 'sources', 'runs', 'actions'];
const mayImport: Record<string, readonly string[]> = {
  util: [],
  model: ['util'],
  hosts: base,
  sources: [...base, 'hosts', 'state'],
  state: [...base, 'hosts', 'sources'],
  runs: [...base, 'hosts', 'state', 'sources'],
  actions: core,
  app: core,
  cli: [...core, 'app'],
  ui: [...core, 'app'],
  extension: [...base, 'app', 'ui'],
};

/** `src/model/names.ts` is in `model`, `src/app.ts` in `app`. */
const roomOf = (path: string): string => path.split('/')[1]?.replace(/\.m?ts$/, '') ?? '';

/** What a file imports: paths from the root for our own files, names for packages. */
function importsOf(path: string): string[] {
  const found = read(path).matchAll(
    /(?:^|\n)(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\b(?:import|require)\('([^']+)'\)/g,
  );
  return [...found].map(([, fixed, called]) => {
    const name = fixed ?? called ?? '';
    return name.startsWith('.') ? join(dirname(path), name) : name;
  });
}

const sources = filesIn('src', /\.m?ts$/);
const imports = sources.flatMap((from) => importsOf(from).map((to) => ({ from, to })));

describe('imports', () => {
  it('are found', () => {
    assert.ok(imports.length > 500);
    assert.deepEqual(importsOf('test/unit/manifest/layers.test.ts'), [
      'node:assert/strict',
      'node:path',
      'test/unit/manifest/files',
    ]);
  });

  for (const [room, allowed] of Object.entries(mayImport))
    it(`of ${room} lead to ${allowed.join(', ') || 'itself'}`, () => {
      const wrong = imports.filter(
        ({ from, to }) =>
          roomOf(from) === room && to.startsWith('src/') && ![room, ...allowed].includes(roomOf(to)),
      );
      assert.deepEqual(wrong, []);
    });

  it('know every room', () => {
    assert.deepEqual([...new Set(sources.map(roomOf))].filter((room) => !(room in mayImport)), []); // prettier-ignore
  });

  it('of vscode are in the window only', () => {
    const rooms = imports.filter(({ to }) => to === 'vscode').map(({ from }) => roomOf(from));
    assert.deepEqual([...new Set(rooms)].toSorted(), ['extension', 'ui']);
  });

  it('of the model are pure: nothing of the platform, zod alone of the packages', () => {
    const packages = imports.filter(({ from, to }) => roomOf(from) === 'model' && !to.startsWith('src/'));
    assert.deepEqual([...new Set(packages.map(({ to }) => to))], ['zod']);
    const impure = /\b(?:Date\.now\(|new Date\(\)|Math\.random\(|process\.(?:env|cwd|platform)|setTimeout\()/;
    const files = sources.filter((path) => roomOf(path) === 'model' && impure.test(read(path)));
    assert.deepEqual(files, []);
  });

  it('lead to no index and no test', () => {
    assert.deepEqual(imports.filter(({ to }) => /\/index$|^test\//.test(to)), []); // prettier-ignore
  });
});

describe('source files', () => {
  it('have no default export and no empty name, and are not long', () => {
    for (const path of sources) {
      assert.doesNotMatch(read(path), /^export default/m, path);
      assert.doesNotMatch(path, /\/(?:utils?|helpers?|manager|index)\.m?ts$/i);
      assert.ok(read(path).split('\n').length <= 320, `${path} is too long`);
    }
  });
});
