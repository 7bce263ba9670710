import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Peer } from './peer';

const transcripts = "find . -mindepth 2 -maxdepth 2 -type f -name '*.jsonl'";

async function shell(script: string, ...args: string[]): Promise<void> {
  const child = spawn('sh', ['-c', `cd "$1/projects" && ${script}`, 'sh', ...args], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`exit ${code}: ${script}`);
}

/** Reading the two ends of every transcript, and nothing done with them. */
export const floor: Peer = ({ configDir, look = 0 }, measure) => {
  const read = (program: string): string => `${transcripts} -print0 | xargs -0 ${program} -v -c "$2"`;
  return measure('cold', () => shell(`${read('head')} && ${read('tail')}`, configDir, String(look))).then();
};

/** Size and time of every transcript, by find. */
export const bareWalk: Peer = ({ configDir, times }, measure) =>
  measure('warm', () => shell(`${transcripts} -printf '%T@ %s %P\\n'`, configDir), times).then();

/** The same in Node, without a process. */
export const statWalk: Peer = ({ configDir, times }, measure) =>
  measure(
    'warm',
    async () => {
      const projects = join(configDir, 'projects');
      let sessions = 0;
      for (const folder of await readdir(projects)) {
        const names = (await readdir(join(projects, folder))).filter((name) => name.endsWith('.jsonl'));
        const stats = await Promise.all(names.map((name) => stat(join(projects, folder, name))));
        sessions += stats.filter((found) => found.isFile()).length;
      }
      return { sessions };
    },
    times,
  ).then();
