import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Host } from '../../src/hosts/host';
import { LocalHost } from '../../src/hosts/local';
import { SshHost } from '../../src/hosts/ssh';
import { CancelledError } from '../../src/model/errors';
import { settingsSchema } from '../../src/model/settings';
import { Conversation } from '../../src/sources/claude/conversation/conversation';
import { readRange, type TranscriptPlace } from '../../src/sources/claude/conversation/readRange';
import { conversationDocument } from '../../src/sources/claude/conversation/text/document';
import { streamBlocks } from '../../src/sources/claude/conversation/text/stream';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { startSsh } from '../bed/sshd';
import { busyboxTools } from './busyboxTools';
import { makeWorld, type World } from './cliBed';

const id = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
const path = `./-srv-platform/${id}.jsonl`;
const facts = { title: 'T', id, host: 'laptop' };

let count = 0;
const line = (fields: Record<string, unknown>): string =>
  `${JSON.stringify({ parentUuid: null, uuid: `line-${++count}`, timestamp: '2026-11-21T06:39:18.505Z', cwd: '/srv/platform', sessionId: id, ...fields })}\n`;
const prompt = (text: string): string => line({ type: 'user', message: { role: 'user', content: text } });
const said = (...content: unknown[]): string =>
  line({ type: 'assistant', message: { id: `m${count}`, model: 'claude-opus-5-5', content } });
const result = (tool: string, content: string): string =>
  line({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: tool, content }] } });
/** About `bytes` of a turn: most of it the result of a call. */
const turn = (at: number, bytes: number): string =>
  [
    prompt(`Prompt ${at}`),
    said({ type: 'tool_use', id: `t${at}`, name: 'Bash', input: { command: `cat ${at}` } }),
    result(`t${at}`, 'all work and no play\n'.repeat(bytes / 22)),
    said({ type: 'text', text: `Answer ${at}` }),
  ].join('');

/** An account's transcript of that size, in pieces of a megabyte. */
async function writeTurns(file: string, megabytes: number): Promise<number> {
  await mkdir(dirname(file), { recursive: true });
  const out = await open(file, 'w');
  let turns = 0;
  for (let size = 0; size < megabytes * 1e6;) {
    const text = Array.from({ length: 50 }, () => turn(turns++, 20_000)).join('');
    await out.write(text);
    size += text.length;
  }
  await out.close();
  return turns;
}

const promptsOf = (text: string): string[] => text.match(/(?<=^> )Prompt \d+$/gm) ?? [];

describe('a conversation on a host', () => {
  const bed = new Bed();
  let folder: string;
  let projects: string;
  const hosts: Record<string, () => Promise<Host>> = {
    'this machine': async () =>
      new LocalHost({
        name: 'laptop',
        settings: settingsSchema.parse({}).local,
        log: silentLog,
        env: { PATH: process.env['PATH'], HOME: join(folder, 'home') },
      }),
    'an ssh host': async () => {
      const ssh = await bed.add(startSsh(join(folder, 'ssh'), { devserver: {} }));
      const settings = { ...settingsSchema.parse({}).local, ssh: 'devserver' };
      return new SshHost({ name: 'devserver', settings, log: silentLog, configFile: ssh.configFile });
    },
    'a machine of busybox': async () =>
      new LocalHost({
        name: 'small',
        settings: settingsSchema.parse({}).local,
        log: silentLog,
        env: { PATH: await busyboxTools(join(folder, 'tools')), HOME: join(folder, 'home') },
      }),
  };

  before(async () => {
    folder = await bed.folder('talk');
    projects = join(folder, 'claude/projects');
    await mkdir(join(folder, 'home'), { recursive: true });
    await mkdir(join(projects, '-srv-platform'), { recursive: true });
  });
  after(() => bed.dispose());

  for (const [name, make] of Object.entries(hosts))
    describe(`on ${name}`, () => {
      let place: TranscriptPlace;
      const file = (): string => join(projects, path);
      const textOf = async (conversation: Conversation): Promise<string> =>
        (await conversationDocument(conversation, facts)).text;

      before(async () => {
        const host = await make();
        await bed.add({ dispose: () => host.dispose() });
        place = { host, configDir: join(folder, 'claude'), path };
        await host.script(':', []); // Connects.
      });

      it('opens 100 MB at the end, shows earlier turns, and reads all of it', async function () {
        const turns = await writeTurns(file(), 100);
        const { size } = await stat(file());
        const times: string[] = [];
        const measure = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
          const started = performance.now();
          const answer = await work();
          times.push(`${what} ${Math.round(performance.now() - started)} ms`);
          return answer;
        };
        const conversation = await measure('open', () => Conversation.atEnd(place));
        const first = promptsOf(await measure('render', () => textOf(conversation)));
        assert.ok(first.length >= 10, `${first.length}`);
        assert.deepEqual(first.at(-1), `Prompt ${turns - 1}`);
        assert.ok(conversation.earlierBytes > size - 1_500_000, 'no more is read than is shown');

        await measure('earlier', () => conversation.earlier());
        const more = promptsOf(await textOf(conversation));
        assert.ok(more.length > first.length);
        const expected = Array.from({ length: more.length }, (_, at) => `Prompt ${turns - more.length + at}`);
        assert.deepEqual(more, expected);

        const before = process.memoryUsage().rss;
        let seen = 0;
        await measure('stream', async () => {
          for await (const blocks of streamBlocks(place))
            seen += promptsOf(blocks.map(({ markdown }) => markdown).join('\n')).length;
        });
        assert.equal(seen, turns);
        times.push(`${Math.round((process.memoryUsage().rss - before) / 1e6)} MB more resident`);
        this.test!.title += ` (${times.join(', ')})`;
      });

      it('follows what is appended, and sees when the file is another one', async () => {
        await writeFile(file(), turn(1, 100));
        const conversation = await Conversation.atEnd(place);
        assert.deepEqual(promptsOf(await textOf(conversation)), ['Prompt 1']);
        const next = turn(2, 100);
        await appendFile(file(), next.slice(0, 50));
        assert.ok(await conversation.catchUp());
        assert.match(await textOf(conversation), /\(A line that cannot be read\.\)\*\n$/);
        await appendFile(file(), next.slice(50));
        assert.ok(await conversation.catchUp());
        assert.deepEqual(promptsOf(await textOf(conversation)), ['Prompt 1', 'Prompt 2']);
        assert.ok(await conversation.catchUp());
        await writeFile(file(), turn(3, 10));
        assert.equal(await conversation.catchUp(), false);
        const other = await Conversation.atEnd(place);
        await writeFile(file(), turn(4, 200));
        assert.equal(await other.catchUp(), false, 'a larger one');
      });

      it('loses nothing when it is ended while it reads earlier turns, or catches up', async () => {
        let isEnded = false;
        const host = Object.assign(Object.create(place.host) as Host, {
          script: async (...asked: Parameters<Host['script']>) => {
            if (isEnded && asked[1].some((word) => word.endsWith('/subagents'))) throw new CancelledError();
            return place.host.script(...asked);
          },
        });
        const call = { type: 'tool_use', id: 'toolu_8', name: 'Agent', input: {} };
        const turns = Array.from({ length: 41 }, (_, at) => turn(at, 100_000) + said(call));
        const last = turns.pop()!;
        await writeFile(file(), turns.join(''));
        const conversation = await Conversation.atEnd({ ...place, host });
        const despiteEnding = async (work: () => Promise<unknown>): Promise<void> => {
          isEnded = true;
          await assert.rejects(work, CancelledError);
          isEnded = false;
          await work();
        };
        const whole = async (): Promise<Conversation> => {
          const undisturbed = await Conversation.atEnd(place);
          while (undisturbed.earlierBytes > 0) await undisturbed.earlier();
          return undisturbed;
        };
        while (conversation.earlierBytes > 0) await despiteEnding(() => conversation.earlier());
        await appendFile(file(), last);
        await despiteEnding(() => conversation.catchUp());
        const expected = Array.from({ length: 41 }, (_, at) => `Prompt ${at}`);
        const text = await textOf(conversation);
        assert.deepEqual(promptsOf(text), expected);
        assert.equal(text, await textOf(await whole()));
      });

      it('reads a line of many megabytes by its beginning', async () => {
        const image = 'A'.repeat(9_000_000);
        const content = [
          { type: 'text', text: 'Prompt 2' },
          { type: 'image', source: { data: image } },
        ];
        const long = line({ type: 'user', message: { role: 'user', content } });
        await writeFile(file(), turn(1, 100) + long + said({ type: 'text', text: 'Answer 2' }));
        const conversation = await Conversation.atEnd(place);
        while (conversation.earlierBytes > 0) await conversation.earlier();
        const text = await textOf(conversation);
        assert.deepEqual(promptsOf(text), ['Prompt 1']);
        assert.match(text, /- \*\(9\.0 MB left out\)\*: Prompt 2\n/);
        assert.match(text, /Answer 2\n$/);
      });

      it('brings sub-agents along', async () => {
        const call = { type: 'tool_use', id: 'toolu_7', name: 'Agent', input: { description: 'Find it' } };
        await writeFile(file(), prompt('Prompt 1') + said(call) + result('toolu_7', 'Launched.'));
        const agents = join(dirname(file()), id, 'subagents');
        await mkdir(agents, { recursive: true });
        const agent = said({ type: 'text', text: 'It is *here*.' }).replace('{', '{"isSidechain":true,');
        await writeFile(join(agents, 'agent-a1.jsonl'), `${'x'.repeat(100_000)}\n${agent}`);
        const meta = join(agents, 'agent-a1.meta.json');
        await writeFile(
          meta,
          JSON.stringify({ agentType: 'Explore', toolUseId: 'toolu_7', finished: false }),
        );
        const conversation = await Conversation.atEnd(place);
        const text = await textOf(conversation);
        assert.match(text, /Sub-agent Explore · not finished\. It wrote last:\n\n {2}> It is _here_\./);
        await writeFile(meta, JSON.stringify({ toolUseId: 'toolu_7', finished: true }));
        await appendFile(file(), said({ type: 'text', text: 'Done' }));
        await conversation.catchUp();
        assert.doesNotMatch(await textOf(conversation), /not finished/);
        await rm(join(dirname(file()), id), { recursive: true });
      });

      it('reads the copy that is kept, when the transcript is gone', async () => {
        await writeFile(file(), turn(1, 100));
        const home = (
          await place.host.script('printf %s "${XDG_STATE_HOME:-$HOME/.local/state}"', [])
        ).stdout.toString();
        const kept = join(home, 'task-sessions/kept', path);
        await mkdir(dirname(kept), { recursive: true });
        await rename(file(), kept);
        await assert.rejects(Conversation.atEnd(place), /cannot be read on/);
        const copy = { ...place, path: path.slice(2), kept: true };
        assert.deepEqual(promptsOf(await textOf(await Conversation.atEnd(copy))), ['Prompt 1']);
        await rm(kept);
      });

      it('reads nothing that is no transcript', async () => {
        for (const wrong of [
          '../secret.jsonl',
          `./../${id}.jsonl`,
          '/etc/passwd',
          `./-srv-platform/${id}`,
          '-rf',
        ])
          await assert.rejects(readRange({ ...place, path: wrong }, 0, 10), /not the path of a transcript/);
      });

      it('ends when nobody wants it any more', async () => {
        await writeFile(file(), turn(1, 100));
        await assert.rejects(Conversation.atEnd(place, AbortSignal.abort()), { name: /Cancel|Abort/ });
      });
    });
});

describe('task-sessions transcript', () => {
  const bed = new Bed();
  let world: World;
  let turns: number;

  before(async () => {
    world = await makeWorld(bed, {});
    turns = await writeTurns(join(world.home, '.claude/projects', path), 12);
    // Without Jira too.
    await world.configure({ jira: {} });
  });
  after(() => bed.dispose());

  it('prints the whole conversation', async () => {
    const { code, stdout, stderr } = await world.cli(['transcript', id.slice(0, 8)]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.deepEqual(
      promptsOf(stdout),
      Array.from({ length: turns }, (_, at) => `Prompt ${at}`),
    );
    assert.match(stdout, /^# Prompt 0\n\n`5f1d9b2e-[^\n]*on laptop · in `\/srv\/platform`/);
  });

  it('prints the last turns', async () => {
    const { stdout } = await world.cli(['transcript', id, '--host', 'laptop', '--last', '3']);
    assert.deepEqual(promptsOf(stdout), [3, 2, 1].map((back) => `Prompt ${turns - back}`)); // prettier-ignore
    assert.doesNotMatch(stdout, /earlier/i);
  });

  it('steers no terminal', async () => {
    const other = '6f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a02';
    const hostile = '\u001b]0;owned\u0007\u001b[2J\u202eevil\u0085\u0000';
    await writeFile(
      join(world.home, '.claude/projects/-srv-platform', `${other}.jsonl`),
      prompt(hostile) +
        said({ type: 'text', text: `\`\`\`\n${hostile}\n\`\`\`\n${hostile}` }) +
        result('x', hostile),
    );
    const { stdout } = await world.cli(['transcript', other]);
    assert.match(stdout, /evil/);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it('says what is wrong', async () => {
    for (const [args, exit, says] of [
      [['transcript', 'ffffffff'], 1, /No session ffffffff is known/],
      [['transcript', id, '--last', 'x'], 2, /--last takes a number/],
      [['transcript', id, '--json'], 2, /is Markdown/],
      [['transcript', id, '--host', 'nowhere'], 1, /nowhere/],
    ] as const) {
      const { code, stdout, stderr } = await world.cli(args);
      assert.deepEqual({ code, stdout }, { code: exit, stdout: '' });
      assert.match(stderr, says);
    }
  });

  const start = () =>
    spawn(process.execPath, [resolve(__dirname, '../../dist/cli.js'), 'transcript', id], {
      env: world.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('ends in silence when its reader has read enough', async () => {
    const child = start();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number];
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  it('ends when it is interrupted', async () => {
    const child = start();
    // Nobody reads on: it waits for the pipe.
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    child.stdout.resume();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 130);
  });
});
