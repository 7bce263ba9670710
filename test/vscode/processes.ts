// What a test starts ends with it: on dispose, on a failure, on Ctrl-C.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

const atExit = new Set<() => void>();
let watching = false;

function endAll(): void {
  for (const end of atExit) end();
  atExit.clear();
}

function watchForExit(): void {
  process.on('exit', endAll);
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

/** Kills a process group; a group that is gone is fine. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** Asks a process group to end, insists after `graceMs`, and waits until its leader is gone. */
export async function endGroup(child: ChildProcess, graceMs = 3000): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    const insist = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs);
    killGroup(child, 'SIGTERM');
    await gone;
    clearTimeout(insist);
  }
  killGroup(child, 'SIGKILL');
}

/**
 * Kills every process whose environment holds `NAME=value`: what VS Code and its terminals detached from their
 * process group. Linux only (`/proc`); elsewhere the process group has to do.
 */
export function killMarked(name: string, value: string): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc').filter(
    (entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid,
  ))
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${name}=${value}`))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It is not ours to read, or it is gone.
    }
}
