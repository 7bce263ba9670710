import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SnapshotStore } from '../../../src/actions/store';
import type { Host } from '../../../src/hosts/host';
import { LocalHost } from '../../../src/hosts/local';
import { SshHost } from '../../../src/hosts/ssh';
import { Assembler, type AssembleInput } from '../../../src/model/assemble';
import { emptyLedger } from '../../../src/model/binding/ledger';
import { settingsSchema } from '../../../src/model/settings';
import type { HostReport } from '../../../src/model/session/transcript';
import type { Issue } from '../../../src/model/task/issue';
import { ClaudeSource } from '../../../src/sources/claude/hostReport';
import { silentLog } from '../../../src/util/log';
import type { Facts, Peer, PeerInput } from './peer';

const settings = settingsSchema.parse({});
const name = 'devserver';

/** First look at everything, by a source that knows nothing; then how much of it a second look reads. */
export const cold: Peer = async ({ configDir }, measure) => {
  const host = localHost();
  const source = sourceOf(host, configDir);
  await measure('cold', async () => facts(await source.report()));
  await measure('warm', async () => facts(await source.report()));
  host.dispose();
};

export const warm: Peer = async ({ configDir, times }, measure) => {
  const host = localHost();
  const source = sourceOf(host, configDir);
  await source.report();
  await source.report();
  await measure('warm', async () => facts(await source.report()), times);
  host.dispose();
};

/** The same over ssh, the connection being open; and what a bare walk takes over that connection. */
export const overSsh: Peer = async ({ configDir, times, sshConfig = '' }, measure) => {
  const host = new SshHost({
    name,
    settings: { ...settings.local, ssh: name },
    log: silentLog,
    configFile: sshConfig,
  });
  const source = sourceOf(host, configDir);
  await measure('connect', async () => void (await host.script(':', [])));
  await measure('cold', async () => facts(await source.report()));
  await measure('settle', async () => facts(await source.report()));
  await measure('warm', async () => facts(await source.report()), times);
  await measure('grown', async () => facts(await source.report()));
  const walk = `cd "$1/projects" && find . -mindepth 2 -maxdepth 2 -name '*.jsonl' -printf '%T@ %s %P\\n' >/dev/null`;
  await measure('walk', async () => void (await host.script(walk, [configDir])), times);
  host.dispose();
};

/** What a window keeps in memory: index, report and snapshot in the real store; and without any transcript. */
export const kept: Peer = async ({ configDir, tasks }, measure) => {
  const host = localHost();
  const nothing = join(process.env['HOME'] ?? '', 'nothing');
  await mkdir(nothing, { recursive: true });
  for (const [lap, directory] of [
    ['without', nothing],
    ['with', configDir],
  ] as const) {
    const store = storeOf(sourceOf(host, directory), tasks);
    await measure(lap, async () => {
      await store.refresh();
      await store.refresh({ hostsOnly: true });
      return { sessions: store.snapshot.sessions.length, heapBytes: await settledHeap() };
    });
    store.dispose();
  }
  host.dispose();
};

/** Joining it all into one picture: at first, and again after a look that found nothing changed. */
export const picture: Peer = async ({ configDir, times, tasks }, measure) => {
  const host = localHost();
  const source = sourceOf(host, configDir);
  const issues = issuesOf(tasks);
  const assembler = new Assembler();
  const branches: AssembleInput['branches'] = new Map();
  const joinAll = (report: HostReport): Facts => {
    const snapshot = assembler.assemble({
      at: Date.now(),
      settings,
      jira: { signedIn: true },
      issues,
      hosts: [{ state: { name, local: true }, names: [name], report }],
      branchNames: branchNames(issues),
      branches,
      ledger: emptyLedger,
      supervised: [],
    });
    const candidates = snapshot.tasks.reduce((sum, task) => sum + task.sessions.length, 0);
    return { sessions: snapshot.sessions.length, candidates };
  };
  const first = await source.report();
  await measure('first', () => Promise.resolve(joinAll(first)));
  // Each time another report of the same transcripts.
  const again = await Promise.all(Array.from({ length: times + 1 }, () => source.report()));
  joinAll(again.pop()!);
  await measure('again', () => Promise.resolve(joinAll(again.pop()!)), times);
  host.dispose();
};

const localHost = (): Host => new LocalHost({ name, settings: settings.local, log: silentLog });

const sourceOf = (host: Host, configDir: string): ClaudeSource =>
  new ClaudeSource(host, { configDir, log: silentLog });

const facts = ({ transcripts }: HostReport): Facts => ({ sessions: transcripts.length });

function storeOf(source: ClaudeSource, tasks: PeerInput['tasks']): SnapshotStore {
  const issues = issuesOf(tasks);
  return new SnapshotStore(
    settings,
    {
      issues: { state: { signedIn: true }, refresh: () => Promise.resolve({ issues, changed: true }) },
      hosts: [{ name, local: true, names: [name], report: (signal) => source.report(signal) }],
      branches: { names: () => branchNames(issues), read: () => Promise.resolve(new Map()) },
      ledger: { read: () => Promise.resolve(emptyLedger) },
      cache: {
        read: () => Promise.resolve(undefined),
        write: () => Promise.resolve(),
        forget: () => Promise.resolve(),
      },
      supervised: () => Promise.resolve([]),
    },
    silentLog,
  );
}

/** Those that the corpus's branches name. */
function issuesOf(count = 200): Issue[] {
  return Array.from({ length: count }, (_, i) => ({
    id: String(i + 1),
    key: `PAY-${i + 1}`,
    summary: `Round the customs totals of invoice ${i + 1}`,
    status: 'To Do',
    statusCategory: 'new',
    url: `https://jira.example/browse/PAY-${i + 1}`,
    created: 1,
    updated: 2,
    claims: [],
    comments: { total: 0, read: 0 },
  }));
}

const branchNames = (issues: readonly Issue[]): Map<string, string> =>
  new Map(issues.map(({ key }) => [key, `task/${key}-analysis`]));

/** After everything that is no longer needed has gone. */
async function settledHeap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise(setImmediate);
    global.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
