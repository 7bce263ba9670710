import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it started have used so far; Linux tells it, elsewhere only the process itself. */
export interface Usage {
  /** User and system time, in ms. */
  cpuMs: number;
  /** Bytes read from files: all that was read, less what they wrote to each other. */
  readBytes: number;
}

/** Of one hundredth of a second, on every Linux that there is. */
const tickMs = 10;

/** This process with its descendants, those that ended and were waited for included. */
export function usage(): Usage {
  const own = process.cpuUsage();
  const used = { cpuMs: (own.user + own.system) / 1000, readBytes: 0 };
  for (const pid of family(process.pid)) {
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = times(pid);
    used.cpuMs += (endedUser + endedSystem + (pid === process.pid ? 0 : user + system)) * tickMs;
    used.readBytes += numbered(pid, 'io', 'rchar') - numbered(pid, 'io', 'wchar');
  }
  return used;
}

/** Bytes of memory that each of a process's family holds now, the process itself first. */
export function residentSizes(pid: number): number[] {
  return family(pid).map((member) => numbered(member, 'status', 'VmRSS') * 1024);
}

function family(root: number): number[] {
  const found = [root];
  for (const pid of found)
    for (const task of names(`/proc/${pid}/task`))
      found.push(...text(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  return found;
}

/** utime, stime, cutime, cstime: proc(5). */
function times(pid: number): number[] {
  const stat = text(`/proc/${pid}/stat`);
  return stat
    .slice(stat.lastIndexOf(') ') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
}

function numbered(pid: number, file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text(`/proc/${pid}/${file}`))?.[1] ?? 0);
}

/** A process that has ended meanwhile has nothing to tell. */
function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
