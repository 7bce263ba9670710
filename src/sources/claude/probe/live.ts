import { z } from 'zod';
import { parseSessionId } from '../../../model/names';
import type { Pane } from '../../../model/session/session';
import type { HostReport, LiveEntry, NamingProcess, PaneInfo } from '../../../model/session/transcript';
import type { Probe, ProcessInfo, RegistryFile } from './probe';
import { clip } from '../transcripts/lines';

/** One `sessions/<pid>.json`. Fields come and go with versions: what is missing or odd is left out. */
const registrySchema = z.object({
  pid: z.number().int().positive(),
  sessionId: z.string().transform((text, context) => {
    const id = parseSessionId(text);
    if (!id) context.addIssue('not a UUID');
    return id ?? '';
  }),
  cwd: z.string().max(4096).catch(''),
  kind: z.string().optional().catch(undefined),
  entrypoint: z.string().max(50).optional().catch(undefined),
  status: z.string().max(50).optional().catch(undefined),
  waitingFor: z.string().max(500).optional().catch(undefined),
  name: z.string().max(2000).optional().catch(undefined),
  jobId: z.string().max(100).optional().catch(undefined),
  startedAt: z.number().optional().catch(undefined),
  statusUpdatedAt: z.number().optional().catch(undefined),
  procStart: z
    .union([z.string(), z.number().transform(String)])
    .optional()
    .catch(undefined),
  pidDomain: z.string().max(200).optional().catch(undefined),
});
type Registered = z.infer<typeof registrySchema>;

type Stale = HostReport['stale'][number];
type Judged = { kind: 'live' } | { kind: 'stale'; why: Stale['why'] };

/** Claude writes its own start time a moment after the system started the process; `ps` gives whole seconds. */
const startToleranceMs = 10_000;

/** The live registry as the processes bear it out, joined to the panes that they run in. */
export function readLive(
  found: Probe,
): Pick<HostReport, 'live' | 'stale' | 'unread' | 'naming' | 'problems'> & { pidDomain?: string } {
  const problems: string[] = [];
  const unread: number[] = [];
  const registered = found.registry.flatMap((file) => {
    const entry = readRegistered(file.text);
    // An empty file is one that is just being written.
    if (!entry && file.text.trim() !== '') problems.push(`sessions/${file.pid}.json cannot be read`);
    if (entry?.pid === file.pid) return [{ file, entry }];
    if (isRunning(file, found.processes.get(file.pid))) unread.push(file.pid);
    return [];
  });
  const pidDomain = found.pidDomain ?? learnedDomain(registered, found.processes);

  const live: LiveEntry[] = [];
  const stale: Stale[] = [];
  for (const { file, entry } of registered) {
    const judged = judge(file, entry, found.processes, pidDomain);
    if (judged.kind === 'live') live.push(liveEntry(entry, paneOf(entry.pid, found)));
    else stale.push({ sessionId: entry.sessionId, pid: entry.pid, why: judged.why });
  }
  return {
    live,
    stale,
    naming: naming(found, live),
    problems,
    ...(unread.length > 0 ? { unread } : {}),
    ...(pidDomain ? { pidDomain } : {}),
  };
}

function readRegistered(text: string): Registered | undefined {
  try {
    return registrySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Only a pid of our own domain can be looked up; a file may come from a container that shares the directory. */
function judge(
  file: RegistryFile,
  entry: Registered,
  processes: Probe['processes'],
  pidDomain: string | undefined,
): Judged {
  const process = processes.get(entry.pid);
  const ours = entry.pidDomain !== undefined && entry.pidDomain === pidDomain;
  if (entry.pidDomain !== undefined && pidDomain !== undefined && !ours)
    return { kind: 'stale', why: 'otherDomain' };
  const running = isRunning(file, process);
  if (running && sameStart(entry, process)) return { kind: 'live' };
  // Where the domain is not known to be ours, that the pid is not here proves nothing.
  if (!ours) return { kind: 'stale', why: 'otherDomain' };
  return { kind: 'stale', why: running ? 'reused' : 'gone' };
}

const isRunning = ({ alive }: RegistryFile, process: ProcessInfo | undefined): boolean =>
  (alive ?? process !== undefined) && !process?.zombie;

/** True also where one of the two times is not known: rather a live session too many than one resumed twice. */
function sameStart(entry: Registered, process: ProcessInfo | undefined): boolean {
  if (!process?.start) return true;
  if ('ticks' in process.start)
    return entry.procStart === undefined || entry.procStart === process.start.ticks;
  return entry.startedAt === undefined || Math.abs(entry.startedAt - process.start.at) <= startToleranceMs;
}

/** Where the probe cannot spell the domain as Claude does (macOS): the one that a process of this machine has noted. */
function learnedDomain(
  registered: { entry: Registered }[],
  processes: Probe['processes'],
): string | undefined {
  const proven = registered.find(({ entry }) => {
    const process = processes.get(entry.pid);
    return process?.start && !process.zombie && entry.startedAt !== undefined && sameStart(entry, process);
  });
  return proven?.entry.pidDomain;
}

function liveEntry(entry: Registered, pane: Pane | undefined): LiveEntry {
  const { entrypoint, status, waitingFor, name, jobId, startedAt, statusUpdatedAt, pidDomain } = entry;
  return {
    pid: entry.pid,
    sessionId: entry.sessionId,
    directory: entry.cwd,
    kind: entry.kind === 'bg' ? 'bg' : 'interactive',
    ...(entrypoint ? { entrypoint } : {}),
    ...(status ? { status } : {}),
    ...(waitingFor ? { waitingFor: clip(waitingFor, 200) } : {}),
    ...(name ? { name: clip(name, 200) } : {}),
    ...(jobId ? { jobId } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(statusUpdatedAt === undefined ? {} : { statusUpdatedAt }),
    ...(pidDomain ? { pidDomain } : {}),
    ...(pane ? { pane } : {}),
  };
}

/** The process and its ancestors, nearest first. */
function* lineage(pid: number, processes: Probe['processes']): Generator<ProcessInfo> {
  for (let at = processes.get(pid), depth = 0; at && depth < 64; at = processes.get(at.parent), depth++)
    yield at;
}

/** The pane that a process runs in: it or an ancestor was started by the pane, else it has the pane's terminal. */
function paneOf(pid: number, { processes, panes }: Pick<Probe, 'processes' | 'panes'>): Pane | undefined {
  const living = panes.filter(({ dead }) => !dead);
  const pick = ({ socket, id, sessionName }: PaneInfo): Pane => ({ socket, id, sessionName });
  for (const process of lineage(pid, processes)) {
    const pane = living.find((pane) => pane.pid === process.pid);
    if (pane) return pick(pane);
  }
  const tty = processes.get(pid)?.tty;
  const pane = tty ? living.find((pane) => pane.tty === tty) : undefined;
  return pane && pick(pane);
}

/**
 * A process that the registry knows, and what started it, name an id without holding its session: `claude --resume A`
 * that went on to B by `/clear` says so in the registry.
 */
function naming(found: Probe, live: LiveEntry[]): NamingProcess[] {
  const explained = new Set(
    live.flatMap(({ pid }) => [...lineage(pid, found.processes)].map((process) => process.pid)),
  );
  return found.naming.flatMap(({ pid, sessionId }) => {
    if (explained.has(pid)) return [];
    const pane = paneOf(pid, found);
    const command = clip(found.processes.get(pid)?.command ?? '', 100);
    return [{ pid, sessionId, command, ...(pane ? { pane } : {}) }];
  });
}
