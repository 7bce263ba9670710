import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printTurn, runClaude, transcriptOf, type ClaudeAccount } from '../../bed/claude';
import { visitBranch } from './checkouts';
import { answerOf, usage } from './conversation';
import { sessionBranch, type PlacedSession } from './sessions';

/** Who ran a host's sessions. */
export interface SessionAccount {
  account: ClaudeAccount;
  clone: string;
}

/** How many `claude -p` run side by side. */
const atOnce = 4;

/**
 * Writes the transcripts of `sessions`, with the real `claude` or, where it cannot be had, in its shape; then moves them
 * back to when the session is said to have been.
 */
export async function writeTranscripts(
  sessions: readonly PlacedSession[],
  accounts: Record<'laptop' | 'devserver', SessionAccount>,
  claude: 'real' | 'generated',
): Promise<void> {
  const one = async (session: PlacedSession): Promise<void> => {
    if (session.host === 'buildbox' || !session.written) return;
    const { account, clone } = accounts[session.host];
    const leave = session.visit === undefined ? undefined : await visitBranch(clone, session.visit);
    await (claude === 'real' ? converse(account, session) : generate(account, session));
    await leave?.();
    await moveBack(account, session.id, session.begun, session.ended);
  };
  // The laptop's clone has one branch checked out at a time, and a fork needs its original.
  const visiting = sessions.filter(({ visit }) => visit !== undefined);
  const others = sessions.filter(({ visit, forkOf }) => visit === undefined && forkOf === undefined);
  await Promise.all([eachOf(1, visiting, one), eachOf(atOnce - 1, others, one)]);
  await eachOf(
    1,
    sessions.filter(({ forkOf }) => forkOf !== undefined),
    one,
  );
}

async function converse(account: ClaudeAccount, session: PlacedSession): Promise<void> {
  const { id, directory, prompt, forkOf } = session;
  if (forkOf === undefined) return void (await printTurn(account, { sessionId: id, cwd: directory, prompt }));
  const copy = ['-p', '--resume', forkOf, '--fork-session', '--session-id', id, '--', prompt];
  const { code, stdout, stderr } = await runClaude(account, copy, { cwd: directory });
  if (code !== 0) throw new Error(`claude --fork-session: ${stderr || stdout}`);
}

async function eachOf<T>(
  workers: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const next = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, next));
}

/** Stretches the times of a transcript's lines, and of the file, to between `begun` and `ended` (epoch ms). */
async function moveBack(account: ClaudeAccount, id: string, begun: number, ended: number): Promise<void> {
  const file = await transcriptOf(account, id);
  if (!file) throw new Error(`No transcript of ${id} was written.`);
  const text = await readFile(file, 'utf8');
  const stamp = /"timestamp":"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g;
  const times = [...text.matchAll(stamp)].map(([, time = '']) => Date.parse(time));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const moved = (time: string): number =>
    begun + ((Date.parse(time) - first) / Math.max(1, last - first)) * (ended - begun);
  await writeFile(
    file,
    text.replaceAll(stamp, (_, time: string) => `"timestamp":"${new Date(moved(time)).toISOString()}"`),
  );
  await utimes(file, ended / 1000, ended / 1000);
}

/** The least that Claude would have written: one turn. */
async function generate({ home }: ClaudeAccount, session: PlacedSession): Promise<void> {
  const directory = await realpath(session.directory);
  const folder = join(home, '.claude/projects', directory.replaceAll(/[^A-Za-z0-9]/g, '-'));
  const [asked, answered] = [randomUUID(), randomUUID()];
  const common = {
    isSidechain: false,
    userType: 'external',
    entrypoint: 'sdk-cli',
    cwd: directory,
    sessionId: session.id,
    version: '2.1.329',
    gitBranch: sessionBranch(session),
  };
  const model = 'claude-opus-5-5';
  const lines = [
    {
      type: 'user',
      parentUuid: null,
      ...common,
      message: { role: 'user', content: session.prompt },
      uuid: asked,
      timestamp: new Date(session.begun).toISOString(),
      permissionMode: 'default',
    },
    {
      type: 'assistant',
      parentUuid: asked,
      ...common,
      requestedModel: model,
      message: {
        id: `msg_${answered.slice(0, 8)}`,
        type: 'message',
        role: 'assistant',
        model,
        content: [{ type: 'text', text: answerOf(session) }],
        stop_reason: 'end_turn',
        usage: { ...usage(session.usedPercent), output_tokens: 400 },
      },
      uuid: answered,
      timestamp: new Date(session.ended).toISOString(),
    },
  ];
  await mkdir(folder, { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(join(folder, `${session.id}.jsonl`), text, { mode: 0o600 });
}
