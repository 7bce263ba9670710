import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Lap, Message, PeerInput } from './peers/peer';
import { residentSizes } from './peers/usage';

export interface PeerRun {
  laps: Record<string, Lap>;
  /** Most memory that the peer's process held, with what those that it started held at once. */
  peakBytes: number;
}

export interface Watch {
  begin?(name: string): void;
  end?(lap: Lap): void;
}

/** Starts peers, each in a new Node process: the product's code bundled as it ships, so that no loader is measured. */
export interface Track {
  run(peer: string, input: PeerInput, watch?: Watch): Promise<PeerRun>;
}

const sampleMs = 50;

export async function makeTrack(folder: string): Promise<Track> {
  const outfile = join(folder, 'peers.cjs');
  await build({
    entryPoints: [join(__dirname, 'peers/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    keepNames: true,
    logLevel: 'warning',
    external: ['node-pty'],
    define: { __VERSION__: '"bench"' },
  });
  return {
    run: async (peer, input, watch = {}) => {
      const child = fork(outfile, [peer, JSON.stringify(input)], {
        // Nothing of the developer's own Claude is seen.
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          XDG_RUNTIME_DIR: folder,
          TMUX_TMPDIR: folder,
          CLAUDE_CONFIG_DIR: input.configDir,
        },
        execArgv: ['--expose-gc'],
      });
      const laps: Record<string, Lap> = {};
      let peakBytes = 0;
      let others = 0;
      const sample = setInterval(() => {
        const [, ...sizes] = residentSizes(child.pid ?? 0);
        others = Math.max(
          others,
          sizes.reduce((sum, size) => sum + size, 0),
        );
      }, sampleMs);
      child.on('message', (message: Message) => {
        if (message.kind === 'begin') watch.begin?.(message.name);
        else if (message.kind === 'end') {
          laps[message.lap.name] = message.lap;
          watch.end?.(message.lap);
        } else peakBytes = message.peakBytes + others;
        child.send('on');
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      clearInterval(sample);
      if (code !== 0) throw new Error(`The peer ${peer} ended with ${code ?? child.signalCode}.`);
      return { laps, peakBytes };
    },
  };
}

/** Several runs of several peers in turns, so that what disturbs the machine disturbs them all. */
export async function alternate<Name extends string>(
  rounds: number,
  peers: Record<Name, () => Promise<PeerRun>>,
): Promise<Record<Name, PeerRun[]>> {
  const entries = Object.entries(peers) as [Name, () => Promise<PeerRun>][];
  const runs = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, PeerRun[]>;
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of entries) runs[name].push(await run());
  return runs;
}
