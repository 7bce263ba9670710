import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TranscriptSummary } from '../../src/model/session/transcript';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { probe } from '../../src/sources/claude/probe/probe';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { output } from '../bed/command';
import { findProgram } from '../bed/prepare';
import { answer, apiError, attachment, begin, compaction, jsonl, user } from '../unit/claude/lines';
import { shellHost } from '../unit/claude/shellHost';
import type { ShellHost } from '../unit/claude/shellHost';

/** What the scripts call, of tools that are alike everywhere. */
const common = [
  'awk',
  'cat',
  'cksum',
  'cut',
  'date',
  'dd',
  'grep',
  'id',
  'ls',
  'ps',
  'readlink',
  'sed',
  'sh',
  'sleep',
  'sort',
  'tail',
  'tr',
  'xargs',
];

/** In the place of BSD's tools, for what differs from GNU's: `$0.real` is the one of this machine. */
const bsdTools: Record<string, string> = {
  find: 'case " $* " in *" -printf "*) echo "find: -printf: unknown primary" >&2; exit 1 ;; esac; exec "$0.real" "$@"',
  head: 'case $1 in -v*) echo "head: illegal option -- v" >&2; exit 1 ;; esac; exec "$0.real" "$@"',
  stat: `follow=
[ "$1" = -L ] && { follow=-L; shift; }
[ "$1" = -f ] || { echo "stat: illegal option -- c" >&2; exit 1; }
format=$(printf %s "$2" | sed 's/%c/%Z/; s/%m/%Y/; s/%z/%s/; s/%N/%n/')
shift 2
exec "$0.real" $follow -c "$format" -- "$@"`,
};

describe('the list of transcripts', () => {
  const bed = new Bed();
  let folder: string;
  let home: string;
  let project: string;
  const ids = Array.from({ length: 4 }, () => randomUUID()).sort();

  before(async () => {
    folder = await bed.folder('list');
    // For the account that may not read everything.
    await chmod(folder, 0o755);
    home = join(folder, 'home');
    project = join(home, '.claude/projects/-srv-platform');
    await mkdir(project, { recursive: true });
    begin();
    const lines = [user('One', { cwd: folder }), attachment(90_000), answer(1000, { cwd: '/gone' })];
    await writeFile(join(project, `${ids[0]}.jsonl`), jsonl(...lines));
    await writeFile(join(project, `${ids[1]?.toUpperCase()}.jsonl`), jsonl(user('Small'), answer(70)));
    await writeFile(join(project, `${ids[2]}.jsonl`), '');
    await writeFile(join(folder, 'linked'), jsonl(user('Linked')));
    await symlink(join(folder, 'linked'), join(project, `${ids[3]}.jsonl`));
    // None of these is a transcript, and none may be opened.
    await output(['mkfifo', join(project, `${randomUUID()}.jsonl`)]);
    await mkdir(join(project, `${randomUUID()}.jsonl`));
    await symlink('/nowhere', join(project, `${randomUUID()}.jsonl`));
    await symlink('/dev/zero', join(project, `${randomUUID()}.jsonl`));
    await writeFile(join(project, 'agent-1.jsonl'), jsonl(user('An agent')));
    await writeFile(join(home, `.claude/projects/${randomUUID()}.jsonl`), jsonl(user('Too high')));
    await mkdir(join(home, '.claude/projects/a b'));
    await writeFile(
      join(home, `.claude/projects/a b/${randomUUID()}.jsonl`),
      jsonl(user('In no folder of Claude')),
    );
  });
  after(() => bed.dispose());

  /** A folder that is the whole PATH. */
  async function tools(
    name: string,
    programs: readonly string[],
    own: Record<string, string>,
  ): Promise<string> {
    const path = join(folder, name);
    await mkdir(path);
    for (const program of programs) await symlink(real(program), join(path, program));
    for (const [program, text] of Object.entries(own)) {
      await symlink(real(program), join(path, `${program}.real`));
      await writeFile(join(path, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    return path;
  }

  function real(program: string): string {
    const found = findProgram(program);
    assert.ok(found, `${program} is missing`);
    return found;
  }

  async function busybox(): Promise<string> {
    const path = join(folder, 'busybox');
    await mkdir(path);
    await output(['busybox', '--install', '-s', path]);
    return path;
  }

  const hosts: { name: string; looks: boolean; path: () => Promise<string>; shell?: string[] }[] = [
    { name: 'GNU', looks: true, path: async () => process.env['PATH'] ?? '' },
    {
      name: 'GNU without perl',
      looks: false,
      path: () => tools('gnu', [...common, 'find', 'head', 'stat'], {}),
    },
    { name: 'BSD', looks: true, path: () => tools('bsd', [...common, 'perl'], bsdTools) },
    { name: 'BSD without perl', looks: false, path: () => tools('bsd-plain', common, bsdTools) },
    { name: 'busybox', looks: false, path: busybox, shell: ['busybox', 'sh'] },
  ];
  for (const { name, looks, path, shell } of hosts)
    it(`is the same with the tools of ${name}`, async () => {
      const host = shellHost(
        { PATH: await path(), HOME: home, TMUX_TMPDIR: folder },
        shell && [real('busybox'), 'sh'],
      );
      const { transcripts, problems } = await new ClaudeSource(host, { log: silentLog }).report();
      assert.deepEqual(problems, []);
      assert.deepEqual(
        transcripts
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, title, context, directories }) => [id, title, context?.usedTokens, directories]),
        [
          // The last directory that is there comes last, where the host can tell.
          [ids[0], 'One', 1000, looks ? ['/gone', folder] : [folder, '/gone']],
          [ids[1], 'Small', 70, ['/srv/platform']],
          [ids[2], undefined, undefined, []],
          [ids[3], 'Linked', undefined, ['/srv/platform']],
        ],
      );
      await checkState(host);
    });

  /** A state tells of every change, and of none where there is none. */
  async function checkState(host: ShellHost): Promise<void> {
    const look = async (known?: string) => {
      const options = { limit: 100, procDirectory: '/nonexistent', ...(known ? { known } : {}) };
      const { transcripts } = await probe(host, options);
      assert.ok(transcripts);
      return transcripts;
    };
    const { state, total, changed } = await look();
    assert.deepEqual([total, changed.length], [4, 4]);
    const again = await look(state);
    assert.deepEqual([again.state, again.changed], [state, []]);
    const file = join(project, `${ids[2]}.jsonl`);
    await writeFile(file, '\n');
    // Older than all that is known: restored from a backup.
    await output(['touch', '-d', '2001-01-01', file]);
    const restored = await look(state);
    assert.notEqual(restored.state, state);
    assert.ok(restored.changed.some(({ path }) => path.endsWith(`${ids[2]}.jsonl`)));
    await writeFile(file, '');
    const before = await look();
    await rename(project, `${project}-moved`);
    assert.notEqual((await look(before.state)).state, before.state, 'a renamed folder');
    await rename(`${project}-moved`, project);
  }

  it('finds the facts that lie far inside, with perl and without', async () => {
    const home = join(folder, 'far');
    const project = join(home, '.claude/projects/-srv');
    await mkdir(project, { recursive: true });
    const far = attachment(30_000);
    const kinds: [used: number | undefined, model: string | undefined, lines: () => string[]][] = [
      // Rewound: the newest answer is on a branch that was left.
      [
        1000,
        'claude-opus-4-6',
        () => [
          user('a', { uuid: 'A' }),
          attachment(9000),
          answer(1000, { uuid: 'B' }),
          user('b'),
          attachment(20_000),
          answer(9000),
          user('c', { parentUuid: 'B' }),
        ],
      ],
      [
        3000,
        'claude-opus-4-6',
        () => [
          user('a'),
          far,
          answer(190_000),
          attachment(20_000),
          compaction(3000),
          user('so far', { isCompactSummary: true }),
        ],
      ],
      [
        700,
        'claude-opus-4-6',
        () => [
          user('a'),
          far,
          answer(700),
          attachment(60_000),
          answer(77_000, { isSidechain: true, parentUuid: 'x', uuid: 'S' }),
          apiError(),
        ],
      ],
      [undefined, undefined, () => [user('x'.repeat(20_000)), far, attachment(200_000)]],
    ];
    const expected = new Map<string, unknown[]>();
    for (const [used, model, lines] of kinds) {
      begin();
      const id = randomUUID();
      expected.set(id, [used, model, true, 'line-1']);
      const bytes = jsonl(...lines());
      await writeFile(
        join(project, `${id}.jsonl`),
        bytes
          .toString()
          .replaceAll('"uuid":"A"', '"uuid":"line-1"')
          .replaceAll('"parentUuid":"A"', '"parentUuid":"line-1"'),
      );
    }
    for (const path of [process.env['PATH'] ?? '', join(folder, 'gnu')]) {
      const { transcripts } = await new ClaudeSource(
        shellHost({ PATH: path, HOME: home, TMUX_TMPDIR: folder }),
        { log: silentLog },
      ).report();
      for (const { id, context, model, hasConversation, firstUuid } of transcripts)
        assert.deepEqual([context?.usedTokens, model, hasConversation, firstUuid], expected.get(id));
      assert.equal(transcripts.length, kinds.length);
    }
  });

  it('has a row for what may not be read', async () => {
    const closed = join(home, '.claude/projects/-srv-closed');
    // Changing the account changes HOME.
    const configDir = join(home, '.claude');
    const [secret, buried] = [randomUUID(), randomUUID()];
    await mkdir(closed);
    await writeFile(join(project, `${secret}.jsonl`), jsonl(user('Secret')), { mode: 0o000 });
    await writeFile(join(closed, `${buried}.jsonl`), jsonl(user('Buried')));
    await chmod(closed, 0o000);
    // Nothing is closed to root.
    const shell = process.getuid?.() === 0 ? ['runuser', '-u', 'nobody', '--', 'sh'] : ['sh'];
    const noPerl = join(folder, 'gnu');
    for (const path of [process.env['PATH'] ?? '', `${noPerl}:/usr/sbin:/sbin`]) {
      const host = shellHost({ PATH: path, HOME: home, TMUX_TMPDIR: folder }, [
        real(shell[0]!),
        ...shell.slice(1),
      ]);
      const { transcripts, problems } = await new ClaudeSource(host, { log: silentLog, configDir }).report();
      const row: Partial<TranscriptSummary> | undefined = transcripts.find(({ id }) => id === secret);
      assert.deepEqual([row?.unread, row?.hasConversation, row?.title], [true, false, undefined]);
      assert.equal(transcripts.length, 5);
      assert.deepEqual(problems, ['1 transcripts cannot be read']);
    }
  });
});
