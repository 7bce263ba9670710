import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
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

/** The same in Node, without a process: by calls that block, since those are the fastest. */
export const statWalk: Peer = ({ configDir, times }, measure) =>
  measure(
    'warm',
    () => Promise.resolve({ sessions: countTranscripts(join(configDir, 'projects')) }),
    times,
  ).then();

function countTranscripts(projects: string): number {
  let count = 0;
  for (const folder of readdirSync(projects))
    for (const name of readdirSync(join(projects, folder)))
      if (name.endsWith('.jsonl') && statSync(join(projects, folder, name)).isFile()) count++;
  return count;
}
