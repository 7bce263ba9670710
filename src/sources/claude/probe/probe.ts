import { parseSessionId } from '../../../model/names';
import type { PaneInfo } from '../../../model/session/transcript';
import type { Host } from '../../../hosts/host';
import { probeScript } from './probeScript';
import { ask } from './ask';
import type { Section } from './sections';
import { readListing, takeLook } from '../transcripts/listing';
import type { Listing, ListTaker } from '../transcripts/listing';

/** A process that the probe was asked for, or an ancestor of one. */
export interface ProcessInfo {
  pid: number;
  parent: number;
  /** Path of the terminal, `/dev/pts/3`. */
  tty?: string;
  /** As the system tells it: clock ticks since boot on Linux, else a time. */
  start: { ticks: string } | { at: number } | undefined;
  zombie: boolean;
  command: string;
}

/** A file of the live registry, unread. `alive` is undefined where the host has no proc file system. */
export interface RegistryFile {
  pid: number;
  alive?: boolean;
  text: string;
}

/** One answer of the probe, taken apart but not judged. Times are epoch ms. */
export interface Probe {
  clock: number;
  home: string;
  configDir: string;
  pidDomain?: string;
  tmuxVersion?: string;
  cleanupPeriodDays?: number;
  registry: RegistryFile[];
  /** The folder of the registry is there but could not be read. */
  registryUnread?: true;
  processes: Map<number, ProcessInfo>;
  /** Ids in command lines, our own ancestors' and tmux's left out. */
  naming: { pid: number; sessionId: string }[];
  panes: PaneInfo[];
  /** Undefined where there are no transcripts. */
  transcripts?: Listing;
  problems: string[];
  /** The answer to `also`. */
  others?: Section[];
}

/** sh text and its `$1…`. It may use `mark`, `base` and `uuid` of the probe, and stands behind it. */
export interface Question {
  script: string;
  args: readonly string[];
}

/** Both, the first one as a whole before the second. */
export const behind = (first: Question, second: Question): Question => ({
  script: `(\n${first.script}\n)\nshift ${first.args.length}\n${second.script}`,
  args: [...first.args, ...second.args],
});

export interface ProbeOptions {
  configDir?: string;
  /** The state of the list of transcripts that the caller has. */
  known?: string;
  /** The newest so many transcripts are listed. */
  limit: number;
  /** Takes what is told of the changed ones, while it comes; without it nothing is. */
  looks?: ListTaker;
  /** For tests of hosts without one. */
  procDirectory?: string;
  /** Asked in the same round trip. */
  also?: Question;
  signal?: AbortSignal;
}

/** About how many bytes one answer tells of transcripts: a slow line brings so much within the time of a call. */
export const lookBudget = 24 * 1024 * 1024;

/** Looks at an account once: one round trip. Throws as `ask` does. */
export async function probe(host: Host, options: ProbeOptions): Promise<Probe> {
  const { configDir = '', known = '', limit, looks, procDirectory = '/proc', also, signal } = options;
  const budget = looks ? lookBudget : 0;
  const args = [configDir, known, String(limit), String(budget), procDirectory];
  const script = also ? `${probeScript}\nshift ${args.length + 1}\n${also.script}\nmark end\n` : probeScript;
  const own: TextSection[] = [];
  const others: Section[] = [];
  let transcripts: Listing | undefined;
  let ended = false;
  await ask(
    host,
    script,
    [...args, ...(also?.args ?? [])],
    { subject: 'its sessions', signal },
    (section) => {
      const { name, args, body } = section;
      if (ended) others.push({ name, args, body: Buffer.from(body) });
      else if (name === 'transcripts') {
        transcripts = readListing(args, body.toString());
        looks?.listed(transcripts);
      } else if (!looks || !takeLook(section, looks)) own.push({ name, args, text: body.toString() });
      ended ||= name === 'end';
    },
  );
  return { ...readProbe(own), ...(transcripts ? { transcripts } : {}), others: others.slice(0, -1) };
}

type TextSection = Omit<Section, 'body'> & { text: string };

function readProbe(sections: TextSection[]): Probe {
  const found: Probe = {
    clock: 0,
    home: '',
    configDir: '',
    registry: [],
    processes: new Map(),
    naming: [],
    panes: [],
    problems: [],
  };
  let self = 0;
  for (const { name, args, text } of sections) {
    const line = text.trim();
    switch (name) {
      case 'clock':
        found.clock = Number(line) * 1000;
        break;
      case 'home':
        found.home = text;
        break;
      case 'base':
        found.configDir = text;
        break;
      case 'self':
        self = Number(line);
        break;
      case 'domain':
        found.pidDomain = line;
        break;
      case 'cleanup': {
        const days = /(\d{1,6})$/.exec(line)?.[1];
        if (days) found.cleanupPeriodDays = Number(days);
        break;
      }
      case 'live':
        found.registry.push({
          pid: Number(args[0]),
          ...(args[1] === '-' ? {} : { alive: args[1] === '1' }),
          text,
        });
        break;
      case 'naming':
        found.naming = lines(text).flatMap(readNaming);
        break;
      case 'processes':
        for (const process of lines(text).flatMap((line) => readProcess(line, args[0] === 'ticks')))
          found.processes.set(process.pid, process);
        break;
      case 'tmux':
        found.tmuxVersion = line.replace(/^tmux /, '');
        break;
      case 'panes':
        found.panes.push(...lines(text).flatMap((line) => readPane(args.join(' '), line)));
        break;
      case 'unread':
        found.registryUnread = true;
        found.problems.push(args.join(' '));
        break;
      case 'problem':
        found.problems.push(args.join(' '));
        break;
      default: // A heading that only newer scripts write.
    }
  }
  found.naming = found.naming.filter(({ pid }) => countsAsNaming(pid, self, found.processes));
  return found;
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean);

function readNaming(line: string): Probe['naming'] {
  const [pid, id = ''] = line.split(' ');
  const sessionId = parseSessionId(id);
  return sessionId && Number(pid) > 0 ? [{ pid: Number(pid), sessionId }] : [];
}

/**
 * A process that has ended meanwhile says nothing, nor do those that run this probe (a command line of ours names the
 * session that it resumes), nor tmux: a server keeps for ever the command line of the client that started it.
 */
function countsAsNaming(pid: number, self: number, processes: Map<number, ProcessInfo>): boolean {
  const process = processes.get(pid);
  if (!process || process.zombie || /^(?:tmux\b|stat$|xargs$)/.test(baseName(process.command))) return false;
  for (let at = processes.get(self), depth = 0; at && depth < 64; at = processes.get(at.parent), depth++)
    if (at.pid === pid) return false;
  return true;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function readProcess(line: string, ticks: boolean): ProcessInfo[] {
  const match = /^(\d+) (\d+) (\S+) (\S+) (\S+) (.*)$/.exec(line);
  if (!match) return [];
  const [, pid, parent, terminal = '', start = '', state = '', command = ''] = match;
  const tty = ticks ? linuxTerminal(Number(terminal)) : bsdTerminal(terminal);
  const startedAt = Date.parse(`${start.replaceAll('_', ' ')} UTC`);
  return [
    {
      pid: Number(pid),
      parent: Number(parent),
      ...(tty ? { tty } : {}),
      start: ticks ? { ticks: start } : Number.isNaN(startedAt) ? undefined : { at: startedAt },
      zombie: /^[ZX]/.test(state),
      command,
    },
  ];
}

/** proc(5): minor in bits 0-7 and 20-31, major in 8-15; 136 is the first of the pseudo-terminals. */
function linuxTerminal(device: number): string | undefined {
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  return major >= 136 && major <= 143 ? `/dev/pts/${(major - 136) * 256 + minor}` : undefined;
}

const bsdTerminal = (name: string): string | undefined =>
  /^[a-z0-9/]+$/.test(name) ? `/dev/${name}` : undefined;

function readPane(socket: string, line: string): PaneInfo[] {
  const [id = '', pid, tty, dead, status, signal, attached, windows, created, session = '', key, ...name] =
    line.split('|');
  const sessionName = name.join('|');
  if (!/^%\d+$/.test(id) || sessionName === '') return [];
  const sessionId = parseSessionId(session);
  return [
    {
      socket,
      id,
      sessionName,
      pid: Number(pid) || 0,
      ...(tty ? { tty } : {}),
      attached: Number(attached) || 0,
      windows: Number(windows) || 0,
      createdAt: (Number(created) || 0) * 1000,
      ...(dead === '1'
        ? { dead: { ...(status ? { status: Number(status) } : {}), ...(signal ? { signal } : {}) } }
        : {}),
      ...(sessionId ? { sessionId } : {}),
      ...(key ? { key } : {}),
    },
  ];
}
