import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TranscriptSummary } from '../../src/model/session/transcript';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { makeClaudeAccount, printTurn, runClaude } from '../bed/claude';
import type { ClaudeAccount } from '../bed/claude';
import { run } from '../bed/command';
import { writeCorpus } from '../bed/corpus';
import { startModelStub } from '../bed/modelStub';
import { agentSdkModule } from '../bed/prepare';
import { meta, user, jsonl } from '../unit/claude/lines';
import { shellHost } from '../unit/claude/shellHost';

/** What `listSessions()` of the vendor's SDK says of a session; `customTitle` is the model's title too. */
interface Listed {
  sessionId: string;
  summary: string;
  lastModified: number;
  fileSize: number;
  customTitle?: string;
  firstPrompt?: string;
  gitBranch?: string;
  cwd?: string;
  createdAt?: number;
}

interface Both {
  ours: TranscriptSummary;
  theirs: Listed;
  /** The transcript itself. */
  text: string;
}

interface Field {
  name: string;
  ours: (summary: TranscriptSummary) => unknown;
  theirs: (listed: Listed) => unknown;
  /** Where the two differ: why, and what has to hold then. */
  unless?: { why: string; holds: (both: Both) => boolean }[];
}

/** As a line of a list shows it. */
const oneLine = (text = ''): string => text.replace(/[\p{Cc}\u202e ]+/gu, ' ');

const timesIn = (text: string): number[] =>
  [...text.matchAll(/"timestamp":"([^"]+)"/g)].map(([, time = '']) => Date.parse(time));

const fields: Field[] = [
  { name: 'size', ours: ({ size }) => size, theirs: ({ fileSize }) => fileSize },
  { name: 'modified', ours: ({ modifiedAt }) => modifiedAt, theirs: ({ lastModified }) => lastModified },
  {
    name: 'title',
    ours: ({ title }) => title,
    theirs: ({ summary }) => summary,
    unless: [
      {
        why: 'Theirs is as it was written; ours fits on one line, without control and direction characters.',
        holds: ({ ours, theirs }) => ours.title === oneLine(theirs.summary),
      },
      {
        why: 'Both are cut; ours has 200 characters with the sign of it, and no space before.',
        holds: ({ ours, theirs }) =>
          theirs.summary.endsWith('…') && theirs.summary.startsWith(ours.title?.slice(0, -1) ?? 'nothing'),
      },
      {
        why: 'Theirs is the word of a command where no prompt is; that says nothing of the session.',
        holds: ({ ours, theirs }) => ours.title === undefined && theirs.summary.startsWith('/'),
      },
    ],
  },
  {
    name: 'first prompt',
    ours: ({ firstPrompt }) => firstPrompt,
    theirs: ({ firstPrompt }) => firstPrompt,
    unless: [
      {
        why: 'Theirs is as it was written.',
        holds: ({ ours, theirs }) => ours.firstPrompt === oneLine(theirs.firstPrompt),
      },
      {
        why: 'Ours is longer: a key may stand behind the 200th character.',
        holds: ({ ours, theirs }) =>
          theirs.firstPrompt?.endsWith('…') === true &&
          ours.firstPrompt?.startsWith(theirs.firstPrompt.slice(0, -1).trimEnd()) === true,
      },
      {
        why: 'A command is no prompt.',
        holds: ({ ours, theirs }) =>
          ours.firstPrompt === undefined && theirs.firstPrompt?.startsWith('/') === true,
      },
    ],
  },
  {
    name: 'branch',
    ours: ({ branch }) => branch,
    theirs: ({ gitBranch }) => gitBranch,
    unless: [
      {
        why: '"HEAD" is what Claude writes outside of git, and where no branch is checked out: it is no branch.',
        holds: ({ theirs }) => theirs.gitBranch === 'HEAD',
      },
    ],
  },
  {
    name: 'directory',
    ours: ({ directories }) => directories.at(-1),
    theirs: ({ cwd }) => cwd,
    unless: [
      {
        why: 'Theirs is where it began; ours is where it was last active, and there it goes on.',
        holds: ({ ours, theirs }) =>
          ours.directories.length > 1 && ours.directories.includes(theirs.cwd ?? ''),
      },
    ],
  },
  {
    name: 'created',
    ours: ({ firstActivity }) => firstActivity,
    theirs: ({ createdAt }) => createdAt,
    unless: [
      {
        why: 'Theirs is the first time in the file, be it of the queue; ours is that of the conversation, so that a fork began when its original did.',
        holds: ({ ours, theirs, text }) =>
          theirs.createdAt === timesIn(text)[0] && timesIn(text).includes(ours.firstActivity ?? 0),
      },
    ],
  },
];

describe("what a transcript says, beside the vendor's own listing", () => {
  const bed = new Bed();
  let account: ClaudeAccount;
  let folder: string;

  before(async () => {
    folder = await bed.folder('agree');
    const stub = await bed.add(startModelStub());
    const projects = [join(folder, 'a project'), join(folder, 'elsewhere')];
    for (const project of projects) await mkdir(project);
    const [project = '', elsewhere = ''] = projects;
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: projects });
    await realSessions(account, project, elsewhere);
    await derive(account);
    writeCorpus(join(account.home, '.claude'), { count: 150, seed: 7, median: 40_000, largest: 4_000_000 });
  });
  after(() => bed.dispose());

  async function report(tools: string | undefined): Promise<Map<string, TranscriptSummary>> {
    const path = [tools, process.env['PATH']].filter(Boolean).join(':');
    const host = shellHost({ PATH: path, HOME: account.home, TMUX_TMPDIR: folder });
    const { transcripts, problems } = await new ClaudeSource(host, { log: silentLog }).report();
    assert.deepEqual(problems, []);
    return new Map(transcripts.map((one) => [one.fileId, one]));
  }

  async function listSessions(): Promise<Listed[]> {
    const url = pathToFileURL(agentSdkModule()).href;
    const program = `const { listSessions } = await import(${JSON.stringify(url)}); console.log(JSON.stringify(await listSessions()));`;
    const argv = [process.execPath, '--input-type=module', '-e', program];
    const { stdout, stderr } = await run(argv, { env: account.env, cwd: folder });
    assert.ok(stdout.startsWith('['), stderr);
    return JSON.parse(stdout) as Listed[];
  }

  it('agrees on every field that both know, or says why not', async () => {
    const ours = await report(undefined);
    const theirs = new Map((await listSessions()).map((one) => [one.sessionId, one]));
    assert.ok(theirs.size > 150);
    const used = new Set<string>();
    for (const [id, summary] of ours) {
      const text = await readFile(join(account.home, '.claude/projects', summary.path), 'utf8');
      const listed = theirs.get(id);
      if (!listed) {
        // Theirs leaves out what it has no title for; to us a file is a row.
        assert.equal(summary.title, undefined, `${id} is not listed`);
        continue;
      }
      for (const { name, ours, theirs, unless = [] } of fields) {
        if (ours(summary) === theirs(listed)) continue;
        const reason = unless.find(({ holds }) => holds({ ours: summary, theirs: listed, text }));
        assert.ok(reason, `${id}: ${name} is ${String(ours(summary))}, theirs is ${String(theirs(listed))}`);
        used.add(reason.why);
      }
    }
    for (const id of theirs.keys()) assert.ok(ours.has(id), `${id} is not found`);
    assert.deepEqual(
      fields.flatMap(({ unless = [] }) => unless.map(({ why }) => why)).filter((why) => !used.has(why)),
      [],
      'an explanation that explains nothing',
    );
  });

  it('says the same whether the host looks itself, or its files are read from here', async () => {
    const tools = join(folder, 'tools');
    await mkdir(tools);
    await writeFile(join(tools, 'perl'), '#!/bin/false\n', { mode: 0o755 });
    const [looked, read] = [await report(undefined), await report(tools)];
    assert.deepEqual([...looked.keys()].sort(), [...read.keys()].sort());
    for (const [id, summary] of looked) {
      const other = read.get(id)!;
      // Counted over what was seen, and each sees another part; the mode may lie before both.
      const parts = ['turns', 'badLines', 'sideFiles', 'permissionMode'];
      const facts = (one: TranscriptSummary) =>
        Object.fromEntries(Object.entries(one).filter(([key]) => !parts.includes(key)));
      assert.deepEqual(facts(summary), facts(other), id);
      const modes = new Set([summary, other].flatMap(({ permissionMode }) => permissionMode ?? []));
      assert.ok(modes.size <= 1, `${id}: ${[...modes].join(', ')}`);
    }
  });
});

async function realSessions(account: ClaudeAccount, project: string, elsewhere: string): Promise<void> {
  const [plain, moved, named, long] = [1, 2, 3, 4].map(() => randomUUID());
  const turn = (sessionId = '', prompt: string, resume = false, cwd = project, args: string[] = []) =>
    printTurn(account, { sessionId, cwd, prompt, resume, args });
  await turn(plain, 'Fix the refund\nof PAY-1 \u202e now');
  await turn(plain, 'And the tests', true, project, ['--permission-mode', 'plan']);
  await turn(moved, 'Look around');
  await turn(moved, 'Go on', true, elsewhere);
  await turn(named, 'Hello', false, project, ['--name', 'A name by hand']);
  await turn(long, `Begin. ${'Many words. '.repeat(60)}PAY-7`);
  const fork = ['-p', '--resume', plain ?? '', '--fork-session', '--session-id', randomUUID(), '--', 'Fork'];
  assert.equal((await runClaude(account, fork, { cwd: project })).code, 0);
}

/** Copies of a real transcript, each broken in its own way. */
async function derive(account: ClaudeAccount): Promise<void> {
  const projects = join(account.home, '.claude/projects');
  const [slug = ''] = (await readdir(projects)).filter((name) => name.endsWith('a-project'));
  const [first = ''] = (await readdir(join(projects, slug))).filter((name) => name.endsWith('.jsonl'));
  const whole = await readFile(join(projects, slug, first), 'utf8');
  const lines = whole.split('\n');
  const answer = lines.findIndex((line) => line.includes('"type":"assistant"'));
  const kinds: Record<string, string | Buffer> = {
    empty: '',
    'no JSON': 'hello, world\n',
    cut: whole.slice(0, -100),
    'cut in the middle of an answer': [...lines.slice(0, answer), lines[answer]?.slice(0, 300)].join('\n'),
    'with NULs at the end': Buffer.concat([Buffer.from(whole), Buffer.alloc(10_000)]),
    'with a broken line': [...lines.slice(0, answer), '{"type":"assist\0', ...lines.slice(answer)].join('\n'),
    'with CRLF': whole.replaceAll('\n', '\r\n'),
    'only metadata': `${meta('mode', { mode: 'normal' })}\n`,
    'a title alone': `${meta('custom-title', { customTitle: 'Mine' })}\n`,
    'of an old version': `${meta('summary', { summary: 'Old words' })}\n${jsonl(user('An old prompt')).toString()}`,
    'only /clear': jsonl(
      user('<command-name>/clear</command-name>\n<command-message>clear</command-message>'),
    ),
    'of the future': `${meta('hologram', { cwd: 7 })}\n${whole.replaceAll('"version":"2', '"version":"9')}`,
  };
  for (const text of Object.values(kinds))
    await writeFile(join(projects, slug, `${randomUUID()}.jsonl`), text);
}
