import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IssueWriter } from '../../../src/actions/issue/issueWriter';
import { Publishing } from '../../../src/actions/issue/publishing';
import { RunPlaces } from '../../../src/actions/issue/runPlaces';
import { RunRecords } from '../../../src/actions/issue/runRecords';
import { StatusMoves } from '../../../src/actions/issue/statusMoves';
import { runFolders, type RunFolders } from '../../../src/actions/run/runFolders';
import { Settling } from '../../../src/actions/run/settling';
import { Telling } from '../../../src/actions/run/telling';
import { LocalHost } from '../../../src/hosts/local';
import { runFolder } from '../../../src/model/run/folder';
import type { RunOrder } from '../../../src/model/run/order';
import { pendingRun, runOf } from '../../../src/model/run/progress';
import type { Issue } from '../../../src/model/task/issue';
import { emptySnapshot, type Snapshot } from '../../../src/model/task/task';
import { WebhookAddresses } from '../../../src/sources/webhooks/addresses';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { demoPhases } from '../../jira/demo/demoTask';
import { id, settings, task } from '../../unit/model/examples';
import { signedIn } from '../signedIn';

export const key = 'PAY-1';
export const phases = demoPhases;

/** One person's program: connection, ledger, hosts, and the verbs over them. */
export interface Settler {
  settling: Settling;
  records: RunRecords;
  moves: StatusMoves;
  ledger: Ledger;
  /** Looks at the run folders and the issue, as a refresh does. */
  look(): Promise<void>;
  /** Changes what the last look found. */
  see(change: (snapshot: Snapshot) => Snapshot): void;
  dispose(): void;
}

export interface SettlerOptions {
  url: string;
  deployment: 'cloud' | 'dataCenter';
  user?: string;
  /** Of its ledger. */
  folder: string;
  /** Of the account that has the runs. */
  home: string;
  /** Address of a webhook that takes JSON. */
  webhook?: string;
  phases?: Record<string, string | string[]>;
  /** Stands before every call to Jira, to the host, and to the ledger, and decides whether it comes to that. */
  through?: Through;
}

export type Through = <T>(call: string, work: () => Promise<T>) => Promise<T>;

const straight: Through = (_, work) => work();

/** Every method of an object goes through; what it calls of itself does not. */
export function passing<T extends object>(name: string, target: T, through: Through): T {
  return new Proxy(target, {
    get(_, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const answer = (): unknown => method.apply(target, args);
        return method.constructor.name === 'AsyncFunction' || isAsync.has(String(property))
          ? through(`${name}.${String(property)}`, async () => answer())
          : answer();
      };
    },
  });
}

/** Methods that hand on a promise without being async themselves. */
const isAsync = new Set(['notePublished', 'rename']);

export async function makeSettler(options: SettlerOptions): Promise<Settler> {
  const { folder, home, webhook, through = straight } = options;
  const real = await signedIn(options);
  const { connection } = real;
  const jira = passing('jira', real, through);
  const realLedger = new Ledger(folder);
  const ledger = passing('ledger', realLedger, through);
  const config = settings({
    phases: options.phases ?? phases,
    webhooks: webhook === undefined ? {} : { hook: { kind: 'json' } },
  });
  const host = new LocalHost({
    name: 'laptop',
    settings: config.local,
    log: silentLog,
    env: { HOME: home, PATH: process.env['PATH'] },
  });
  const hosts = [host];
  let snapshot: Snapshot = emptySnapshot;
  let issues: Issue[] = [];
  const store = {
    get snapshot() {
      return snapshot;
    },
    issue: (name: string) => issues.find((one) => one.key === name),
  };
  const account = {
    state: { signedIn: true, url: connection.baseUrl, user: connection.user.name },
    jira: () => Promise.resolve(jira),
    noteEdit: () => undefined,
  };
  const folders: RunFolders = passing('host', runFolders(hosts), through);
  const writer = new IssueWriter({ hosts, store, account, log: silentLog });
  const places = new RunPlaces({ hosts, settings: config });
  const records = new RunRecords({ hosts, store, account, ledger, log: silentLog, places }, writer);
  const moves = new StatusMoves({ settings: config, ledger, log: silentLog }, writer);
  const publishing = new Publishing({ hosts, store, account, ledger, log: silentLog }, writer);
  const telling = new Telling({
    settings: config,
    addresses: new WebhookAddresses(
      {},
      { get: async () => webhook, set: async () => {}, delete: async () => {} },
    ),
    env: {},
    log: silentLog,
  });
  const settling = new Settling({
    store,
    account,
    ledger,
    records,
    moves,
    publishing,
    telling: passing('webhooks', telling, through),
    folders,
    log: silentLog,
  });
  return {
    settling,
    records,
    moves,
    ledger: realLedger,
    async look() {
      const { runs } = await realLedger.read();
      const orders = await ordersIn(home);
      const readings = await Promise.all(orders.map(({ id }) => runFolders(hosts).read('laptop', id)));
      issues = (await real.search('project = PAY ORDER BY key ASC')).items;
      snapshot = {
        ...emptySnapshot,
        hosts: [{ name: 'laptop', local: true }],
        tasks: issues.map((issue) => task(issue.key, { id: issue.id, status: issue.status, url: issue.url })),
        runs: [
          ...readings.flatMap((reading) =>
            reading
              ? runOf(
                  reading,
                  'laptop',
                  runs.find(({ order }) => order.id === reading.order.id),
                )
              : [],
          ),
          ...runs.filter(({ order }) => !orders.some(({ id }) => id === order.id)).map(pendingRun),
        ],
      };
    },
    see: (change) => void (snapshot = change(snapshot)),
    dispose: () => {
      real.close();
      host.dispose();
    },
  };
}

/** What the tests run; `n` tells runs apart. */
export const orderOf = (url: string, n = 1, fields: Partial<RunOrder> = {}): RunOrder => ({
  schema: 1,
  id: id(1000 + n),
  kind: 'analysis',
  key,
  jira: new URL(url).host,
  startedBy: { id: 'dana', name: 'Dana Developer' },
  host: 'laptop',
  sessionId: id(n),
  repository: '/srv/platform',
  directory: `/srv/platform.worktrees/${key}`,
  branch: `task/${key}-analysis`,
  base: { branch: 'main', commit: 'a'.repeat(40) },
  remote: 'origin',
  docs: { directory: `docs/tasks/${key}`, names: ['task_desc.md', 'critic.md'] },
  flags: [],
  createdAt: Date.now(),
  ...fields,
});

interface Row {
  step: string;
  state: string;
  [field: string]: unknown;
}

export const started: Row = { step: 'run', state: 'started' };
export const waited: Row[] = [
  { step: 'wait', state: 'started' },
  { step: 'wait', state: 'done' },
];
export const working: Row[] = [started, ...waited, { step: 'analysis', state: 'started' }];
export const completed: Row[] = [
  { step: 'analysis', state: 'done' },
  { step: 'documents', state: 'done', names: ['task_desc.md', 'critic.md'] },
  { step: 'commit', state: 'done', commit: 'c'.repeat(40) },
  { step: 'push', state: 'done' },
  { step: 'run', state: 'complete', commit: 'c'.repeat(40) },
];
export const pushRefused: Row[] = [
  ...completed.slice(0, 3),
  { step: 'push', state: 'failed', reason: 'rejected', text: 'non-fast-forward' },
  { step: 'run', state: 'failed', reason: 'rejected' },
];

/** An implementation of three steps, which has two sessions to go on in. */
export const implementationOf = (url: string, n = 1): RunOrder =>
  orderOf(url, n, {
    kind: 'implementation',
    continues: id(90),
    implementation: {
      commit: 'a'.repeat(40),
      approvedBy: 'Dana Developer',
      approvedAt: Date.now(),
      documents: [],
      steps: [{ title: 'Add the entity' }, { title: 'Store it' }, { title: 'Show it' }],
      checks: ['npm test'],
      spares: [id(91), id(92)],
    },
  });
/** The nth step of its plan, in the session that it is resumed in; `spare`: in the next one. */
export const stepRows = (n: number, spare?: string): Row[] => [
  {
    step: 'implement',
    state: 'started',
    n,
    how: n === 1 || spare !== undefined ? 'begin' : 'resume',
    ...(spare !== undefined && { session: spare, reason: 'missing' }),
  },
  { step: 'implement', state: 'done', n },
  { step: 'check', state: 'started', n },
  { step: 'check', state: 'done', n },
  { step: 'commit', state: 'done', n, commit: `${n}`.repeat(40) },
];
export const checkFails = (n: number): Row[] => [
  ...stepRows(n).slice(0, 3),
  { step: 'check', state: 'failed', n, code: 1, reason: 'failed', text: 'npm test: 3 failing' },
  { step: 'run', state: 'failed', reason: 'failed' },
];

const folderOf = (home: string, { id }: Pick<RunOrder, 'id'>): string => runFolder(home, id);

/** A run's folder as its client and its script make it. The runner is this process: it lives. */
export async function placeRun(home: string, order: RunOrder, rows: readonly Row[]): Promise<void> {
  const folder = folderOf(home, order);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'run.json'), JSON.stringify(order));
  await liveBy(home, order, process.pid);
  await append(home, order, rows);
}

export async function append(home: string, order: RunOrder, rows: readonly Row[]): Promise<void> {
  const at = Math.floor(Date.now() / 1000);
  const text = rows.map((row) => `${JSON.stringify({ at, ...row })}\n`).join('');
  await appendFile(join(folderOf(home, order), 'run.jsonl'), text);
}

/** Notes who runs it; one that is not there has died. */
export async function liveBy(home: string, order: RunOrder, pid: number | undefined): Promise<void> {
  const note = pid === undefined ? '999999999 1' : `${pid} ${startOf(pid)}`;
  await writeFile(join(folderOf(home, order), 'runner'), `${note}\n`);
}

/** As the run's own script notes it. */
function startOf(pid: number): string {
  if (!existsSync('/proc/self/stat')) {
    const env = { PATH: process.env['PATH'], TZ: 'UTC0', LC_ALL: 'C' };
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' });
    return text.replace(/\s+/g, '_');
  }
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

export async function settledLines(home: string, order: RunOrder): Promise<number> {
  const text = await readFile(join(folderOf(home, order), 'settled'), 'utf8').catch(() => '{"lines":0}');
  return (JSON.parse(text) as { lines: number }).lines;
}

async function ordersIn(home: string): Promise<RunOrder[]> {
  const parent = join(home, '.local/state/task-sessions/runs');
  const names = await readdir(parent).catch(() => []);
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(parent, name, 'run.json'), 'utf8')) as RunOrder),
  );
}
