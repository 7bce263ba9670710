import { once } from 'node:events';
import { bareWalk, floor, statWalk } from './floors';
import { cold, kept, overSsh, picture, warm } from './ours';
import type { Lap, Measure, Message, Peer, PeerInput } from './peer';
import { sdk } from './sdk';
import { usage } from './usage';

const peers: Record<string, Peer> = { cold, warm, overSsh, kept, picture, sdk, floor, bareWalk, statWalk };

async function tell(message: Message): Promise<void> {
  const heard = once(process, 'message');
  process.send?.(message);
  await heard;
}

const measure: Measure = async (name, work, times = 1) => {
  await tell({ kind: 'begin', name });
  const lap: Lap = { name, wallMs: [], cpuMs: 0, facts: {} };
  const before = usage();
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    Object.assign(lap.facts, await work());
    lap.wallMs.push(performance.now() - started);
  }
  const after = usage();
  lap.cpuMs = (after.cpuMs - before.cpuMs) / times;
  lap.facts['readBytes'] = (after.readBytes - before.readBytes) / times;
  await tell({ kind: 'end', lap });
  return lap;
};

async function main(): Promise<void> {
  // The parent is gone.
  process.once('disconnect', () => process.exit(1));
  const [, , name = '', input = '{}'] = process.argv;
  await peers[name]!(JSON.parse(input) as PeerInput, measure);
  await tell({ kind: 'done', peakBytes: process.resourceUsage().maxRSS * 1024 });
  process.exit();
}

void main();
