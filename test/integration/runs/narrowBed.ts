import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunOrder } from '../../../src/model/run/order';
import { settingsSchema } from '../../../src/model/settings';
import { reviewDirectory, turnArgv, type TurnKind } from '../../../src/runs/turn';
import type { Bed } from '../../bed/bed';
import { type ClaudeAccount, makeClaudeAccount } from '../../bed/claude';
import { run } from '../../bed/command';
import { type ModelRequest, type ModelStub, startModelStub, type ToolUse } from '../../bed/modelStub';
import { claudeBinary } from '../../bed/prepare';
import { makeRepository } from '../../bed/git';

/** A worktree, a run's folder and an account in which the real `claude` takes turns of a run. */
export interface NarrowBed {
  root: string;
  worktree: string;
  runDirectory: string;
  account: ClaudeAccount;
  stub: ModelStub;
}

export async function makeNarrowBed(bed: Bed, files: Record<string, string> = {}): Promise<NarrowBed> {
  const root = await bed.folder('narrow');
  const { clone } = await makeRepository(root, {
    name: 'work tree',
    tasks: [],
    files: { 'src/code.txt': 'a needle\n', ...files },
  });
  const stub = await bed.add(startModelStub());
  const account = await makeClaudeAccount({ home: join(root, 'home'), stub });
  const runDirectory = join(account.home, '.local/state/task-sessions/runs', randomUUID());
  await mkdir(reviewDirectory(runDirectory), { recursive: true });
  return { root, worktree: clone, runDirectory, account, stub };
}

export interface TurnAnswer {
  code: number | null;
  /** Of each tool call, in order: true if it was let through. */
  allowed: boolean[];
  /** Tools of the session, its servers and permission mode. */
  init?: { tools: string[]; mcp_servers: unknown[]; permissionMode: string; apiKeySource: string };
  result?: {
    is_error: boolean;
    subtype: string;
    terminal_reason?: string;
    permission_denials: { tool_name: string }[];
  };
  requests: ModelRequest[];
}

export interface Turn {
  kind?: TurnKind;
  tools?: readonly ToolUse[];
  docs?: string;
  /** Paths of approved documents, of an implementation. */
  approved?: readonly string[];
  /** Another way to the worktree. */
  worktree?: string;
  claude?: Record<string, unknown>;
  configDir?: string;
  prompt?: string;
  env?: NodeJS.ProcessEnv;
  /** Flags behind ours. */
  more?: readonly string[];
}

interface Line {
  type: string;
  subtype?: string;
  message?: { content: string | { type: string; id?: string; tool_use_id?: string; is_error?: boolean }[] };
}

/** One turn, in which the model asks for `tools` at once. */
export async function takeTurn(parts: NarrowBed, turn: Turn = {}): Promise<TurnAnswer> {
  const { kind = 'analysis', tools = [], docs = 'docs/tasks/PAY-1', worktree = parts.worktree } = turn;
  const argv = turnArgv({
    kind,
    order: {
      directory: worktree,
      docs: { directory: docs, names: [] },
      flags: [],
      ...(turn.approved && { implementation: approval(turn.approved) }),
    },
    claude: settingsSchema.parse({ claude: turn.claude ?? {} }).claude,
    runDirectory: parts.runDirectory,
    claudePath: claudeBinary(),
    ...(turn.configDir && { configDir: turn.configDir }),
  });
  if (tools.length > 0) parts.stub.say({ tools });
  const asked = parts.stub.requests.length;
  const { code, stdout } = await run([...argv, ...(turn.more ?? []), '--session-id', randomUUID()], {
    cwd: kind === 'review' ? reviewDirectory(parts.runDirectory) : worktree,
    env: { ...parts.account.env, ...turn.env },
    input: turn.prompt ?? 'Begin.',
  });
  const lines = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const blocks = lines.flatMap(({ message }) =>
    typeof message?.content === 'object' ? message.content : [],
  );
  const failed = new Map(
    blocks
      .filter(({ type }) => type === 'tool_result')
      .map((one) => [one.tool_use_id, one.is_error === true]),
  );
  const init = lines.find(({ type, subtype }) => type === 'system' && subtype === 'init');
  const result = lines.findLast(({ type }) => type === 'result');
  return {
    code,
    allowed: blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => failed.get(id) === false),
    ...(init && { init: init as unknown as NonNullable<TurnAnswer['init']> }),
    ...(result && { result: result as unknown as NonNullable<TurnAnswer['result']> }),
    requests: parts.stub.requests.slice(asked),
  };
}

const approval = (paths: readonly string[]): NonNullable<RunOrder['implementation']> => ({
  commit: '0'.repeat(40),
  approvedBy: 'Ada',
  approvedAt: 0,
  documents: paths.map((path) => ({ path, blob: '0'.repeat(40) })),
  steps: [{ title: 'One' }],
  checks: [],
  spares: [],
});

export const writing = (path: string): ToolUse => ({
  name: 'Write',
  input: { file_path: path, content: 'x' },
});
export const reading = (path: string): ToolUse => ({ name: 'Read', input: { file_path: path } });

/** Which of the calls were let through, by what stands before them. */
export async function judge(
  parts: NarrowBed,
  calls: Readonly<Record<string, ToolUse>>,
  turn: Turn = {},
): Promise<{ allowed: string[]; denied: string[] } & Pick<TurnAnswer, 'init' | 'result' | 'requests'>> {
  const names = Object.keys(calls);
  const answer = await takeTurn(parts, { ...turn, tools: Object.values(calls) });
  if (answer.allowed.length !== names.length)
    throw new Error(
      `claude answered ${answer.allowed.length} of ${names.length} calls (exit ${answer.code})`,
    );
  return {
    ...answer,
    allowed: names.filter((_, at) => answer.allowed[at]),
    denied: names.filter((_, at) => !answer.allowed[at]),
  };
}
