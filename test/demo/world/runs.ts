import { randomUUID } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Host } from '../../../src/hosts/host';
import { SshHost } from '../../../src/hosts/ssh';
import { runFolder } from '../../../src/model/run/folder';
import type { RunOrder } from '../../../src/model/run/order';
import { settingsSchema } from '../../../src/model/settings';
import { placeRun } from '../../../src/runs/place';
import { buildPrompts } from '../../../src/runs/prompts/build';
import { readTemplates } from '../../../src/runs/prompts/templates';
import { turnArgv, type TurnKind } from '../../../src/runs/turn';
import { Ledger } from '../../../src/state/ledger';
import { stateDirectory } from '../../../src/state/directories';
import { silentLog } from '../../../src/util/log';
import { output } from '../../bed/command';
import { gitEnvironment } from '../../bed/git';
import { demoDocuments } from '../../jira/demo/documents';
import { answerOf } from './conversation';
import { sessionBranch, type PlacedSession } from './sessions';

/** Analyses on devserver that were runs of the user's: one that is complete, one that failed and can be continued. */
const complete = 'PAY-456/analysis';
const failed = 'PAY-485/analysis';

export interface RunWorld {
  home: string;
  clone: string;
  sshConfigFile: string;
  /** The laptop's. */
  env: Record<string, string>;
  jiraUrl: string;
}

interface Line {
  step: string;
  state: string;
  reason?: string;
  names?: string[];
  commit?: string;
}

/** Places the runs as they would lie there; Jira has been told of both. */
export async function placeRuns(sessions: readonly PlacedSession[], world: RunWorld): Promise<void> {
  const host = new SshHost({
    name: 'devserver',
    settings: { ...settingsSchema.parse({}).local, ssh: 'devserver' },
    log: silentLog,
    configFile: world.sshConfigFile,
    env: world.env,
  });
  try {
    for (const session of sessions)
      if (session.slot === complete || session.slot === failed) await placeOne(host, session, world);
  } finally {
    host.dispose();
  }
}

async function placeOne(host: Host, session: PlacedSession, world: RunWorld): Promise<void> {
  const { home, env } = world;
  const order = await orderOf(session, world);
  const settings = settingsSchema.parse({});
  const runDirectory = runFolder(home, order.id);
  const argv = (kind: TurnKind): string[] =>
    turnArgv({ kind, order, claude: settings.claude, runDirectory, claudePath: 'claude' });
  const { templates } = await readTemplates({
    folder: resolve(__dirname, '../../../media/prompts'),
    prompts: settings.prompts,
    home,
    accepted: [],
  });
  const issue = {
    key: order.key,
    url: `${world.jiraUrl}/browse/${order.key}`,
    summary: session.task.summary,
    status: session.task.status,
    labels: session.task.labels,
    created: session.begun,
    updated: session.begun,
    description: session.task.problem,
    comments: [],
  };
  const folder = await placeRun(host, order, {
    prompts: buildPrompts({ order, issue, templates, runDirectory }),
    turns: { analysis: argv('analysis'), documents: argv('documents'), review: argv('review') },
    perHost: settings.runs.perHost,
  });
  const lines = await linesOf(session);
  const seconds = (share: number): number =>
    Math.floor((session.begun + (session.ended - session.begun) * share) / 1000);
  const text = lines.map((line, index) =>
    JSON.stringify({ at: seconds(index / (lines.length - 1)), ...line }),
  );
  await writeFile(join(folder, 'run.jsonl'), `${text.join('\n')}\n`);
  await writeFile(
    join(folder, 'settled'),
    JSON.stringify({ lines: lines.length, at: seconds(1), by: order.startedBy.name }),
  );
  for (const line of turnLog(order, session))
    await appendFile(join(folder, 'analysis.jsonl'), `${JSON.stringify(line)}\n`);
  await new Ledger(stateDirectory(env)).reviseRun(order.id, () => ({
    order,
    reached: 'status',
    settledLines: lines.length,
    settledAs: session.slot === failed ? 'failed' : 'complete',
    createdAt: order.createdAt,
  }));
}

async function orderOf(session: PlacedSession, { clone, jiraUrl }: RunWorld): Promise<RunOrder> {
  const { id, task, directory, begun } = session;
  const git = { env: gitEnvironment(clone), cwd: clone };
  const base = (await output(['git', 'merge-base', 'origin/main', sessionBranch(session)], git)).trim();
  return {
    schema: 1,
    id: randomUUID(),
    kind: 'analysis',
    key: task.key,
    summary: task.summary,
    jira: new URL(jiraUrl).host,
    startedBy: { id: 'dana', name: 'Dana Developer' },
    host: 'devserver',
    sessionId: id,
    reviewId: randomUUID(),
    repository: clone,
    directory,
    branch: sessionBranch(session),
    base: { branch: 'main', commit: base },
    remote: 'origin',
    docs: { directory: `docs/tasks/${task.key}`, names: settingsSchema.parse({}).docs.names },
    flags: [],
    createdAt: begun,
  };
}

/** What the script would have said. */
async function linesOf(session: PlacedSession): Promise<Line[]> {
  const { task, directory, slot } = session;
  const done = (step: string): Line[] => [
    { step, state: 'started' },
    { step, state: 'done' },
  ];
  const names = settingsSchema.parse({}).docs.names;
  const begin: Line[] = [{ step: 'run', state: 'started' }, ...done('wait'), ...done('analysis')];
  if (slot === failed) {
    const missing = names.filter((name) => name !== 'critic.md');
    return [
      ...begin,
      { step: 'documents', state: 'missing', names: missing },
      { step: 'documents', state: 'failed', reason: 'missing', names: missing },
      { step: 'run', state: 'failed', reason: 'missing' },
    ];
  }
  const head = await output(['git', 'rev-parse', 'HEAD'], { env: gitEnvironment(directory), cwd: directory });
  return [
    ...begin,
    {
      step: 'documents',
      state: 'done',
      names: demoDocuments(task).map(({ path }) => path.split('/').at(-1)!),
    },
    ...done('review'),
    { step: 'commit', state: 'done', commit: head.trim() },
    { step: 'push', state: 'done' },
    { step: 'run', state: 'complete' },
  ];
}

/** What Claude would have written to its log. */
const turnLog = ({ directory, sessionId }: RunOrder, session: PlacedSession): unknown[] => [
  {
    type: 'system',
    subtype: 'init',
    cwd: directory,
    session_id: sessionId,
    tools: [],
    model: 'claude-opus-5-5',
  },
  {
    type: 'assistant',
    message: { role: 'assistant', content: [{ type: 'text', text: answerOf(session) }] },
    session_id: sessionId,
  },
  {
    type: 'result',
    subtype: 'success',
    is_error: false,
    num_turns: 1,
    result: answerOf(session),
    session_id: sessionId,
    total_cost_usd: 0.4,
  },
];
