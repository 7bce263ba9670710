// What a test starts ends with it, also when the test process is told to end.
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { kill } from '../bed/kill';

const atExit = new Set<() => void>();
let watching = false;

function watchForExit(): void {
  process.on('exit', () => {
    for (const end of atExit) end();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

/** Runs `end` (synchronously) when this process ends, unless the returned function took it back before. */
export function endOnExit(end: () => void): () => void {
  if (!watching) watchForExit();
  watching = true;
  atExit.add(end);
  return () => void atExit.delete(end);
}

/**
 * Kills every process whose environment holds `NAME=value`: also what detached itself from VS Code, such as a tmux
 * server. Linux only (`/proc`).
 */
export function killMarked(name: string, value: string): void {
  if (process.platform !== 'linux') return;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && pid !== process.pid && environmentOf(pid).includes(`${name}=${value}`))
      kill(pid);
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // It is not ours to read, or it is gone.
    return [];
  }
}
