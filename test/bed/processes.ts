import { readdir, readFile } from 'node:fs/promises';
import { run } from './command';
import { kill } from './kill';

/** Ends a process and all of its descendants at once, by force. */
export async function endTree(root: number): Promise<void> {
  const { stdout } = await run(['ps', '-A', '-o', 'pid=', '-o', 'ppid=']);
  const children = new Map<number, number[]>();
  for (const line of stdout.split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const doomed = [root];
  for (const pid of doomed) doomed.push(...(children.get(pid) ?? []));
  for (const pid of doomed) kill(pid);
}

/**
 * Ends what was started with its HOME or TMPDIR in this scratch folder and detached itself: daemons, supervisors. On
 * Linux only; elsewhere another process's environment cannot be read.
 */
export async function endProcessesOf(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = (await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')).split('\0');
    const isOurs = environment.some((entry) => {
      const [, value] = /^(?:HOME|TMPDIR)=(.*)/s.exec(entry) ?? [];
      return value === folder || value?.startsWith(`${folder}/`);
    });
    if (isOurs) kill(pid);
  }
}
