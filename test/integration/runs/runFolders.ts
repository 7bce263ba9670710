import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFolder } from '../../../src/model/run/folder';
import type { RunOrder } from '../../../src/model/run/order';

/** Folders of runs as runs leave them, written by hand. */
export interface Written {
  order: RunOrder;
  folder: string;
}

/** Lines as the script writes them: `analysis started`, and what else they say; a second after the other. */
export const lineText = (...said: (string | [said: string, fields: object])[]): string =>
  said
    .map((one, n) => {
      const [text, fields] = typeof one === 'string' ? [one, {}] : one;
      const [step, state] = text.split(' ');
      return `${JSON.stringify({ at: 1_700_000_000 + n, step, state, ...fields })}\n`;
    })
    .join('');

export async function writeRun(
  home: string,
  { order: given = {}, files = {} }: { order?: Partial<RunOrder>; files?: Record<string, string> } = {},
): Promise<Written> {
  const order: RunOrder = {
    schema: 1,
    id: randomUUID(),
    kind: 'analysis',
    key: 'PAY-1',
    startedBy: { id: 'pat', name: 'Pat' },
    host: 'devserver',
    sessionId: randomUUID(),
    reviewId: randomUUID(),
    repository: '/srv/platform',
    directory: '/srv/platform.worktrees/PAY-1',
    branch: 'task/PAY-1-analysis',
    base: { branch: 'main', commit: 'a'.repeat(40) },
    remote: 'origin',
    docs: { directory: 'docs/tasks/PAY-1', names: ['task_desc.md'] },
    flags: [],
    createdAt: 1_700_000_000_000,
    ...given,
  };
  const folder = runFolder(home, order.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const all = { 'run.json': JSON.stringify(order), ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
  return { order, folder };
}

/** `PID START BOOT`, as the script notes who it is. */
export async function processNote(pid: number, { start = '', boot = '' } = {}): Promise<string> {
  const ticks = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ')[19] ?? '';
  const now = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return `${pid} ${start || ticks} ${boot || now}\n`;
}
