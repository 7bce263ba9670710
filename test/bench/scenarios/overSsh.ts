import { appendFileSync } from 'node:fs';
import { writeCorpus } from '../../bed/corpus';
import type { ProxyCounts } from '../../bed/proxy';
import { startSsh } from '../../bed/sshd';
import { compare, figure, median, wall } from '../compare';
import type { PeerRun } from '../run';
import { atMost } from '../table';
import type { Scenario } from './scenario';

/** Each way. */
const delayMs = 25;

/** A host that is 50 ms away: time, turns and bytes of a first look and of a refresh. */
export const overSsh: Scenario = async ({ track, bed, configDir, count, seed, rounds, times }) => {
  const ssh = await bed.add(startSsh(await bed.folder('away'), { devserver: {} }));
  const { proxy } = ssh.hosts.devserver;
  proxy.delay(delayMs);
  const fewer = Math.ceil(count / 10);
  const small = await bed.folder('few');
  const { transcripts } = writeCorpus(small, { count: fewer, seed: seed + 1 });
  const growing = transcripts.find(({ kind }) => kind === 'whole')!.file;

  const trips = async (directory: string): Promise<Trip> => {
    const trip = watched(proxy.counts, (lap) => {
      if (lap === 'grown' && directory === small) appendFileSync(growing, '{"type":"mode","mode":"plan"}\n');
    });
    const input = { configDir: directory, times, sshConfig: ssh.configFile };
    return { ...trip, run: await track.run('overSsh', input, trip) };
  };
  const all: Trip[] = [];
  const few: Trip[] = [];
  for (let round = 0; round < rounds; round++) {
    all.push(await trips(configDir));
    few.push(await trips(small));
  }
  const runs = all.map(({ run }) => run);
  const counted = (of: Trip[], lap: string, name: keyof ProxyCounts): number =>
    median(of.map(({ used }) => used[lap]![name]));
  const warmBytes = (of: Trip[], way: 'sent' | 'received'): number => counted(of, 'warm', way) / times;
  const turns = counted(all, 'warm', 'roundTrips') / times;
  // Of both ways: what more transcripts bring, when none of them has changed.
  const grown = (['sent', 'received'] as const).map((way) => warmBytes(all, way) - warmBytes(few, way));
  const bytesEach = Math.max(0, grown.reduce((sum, bytes) => sum + bytes) / (count - fewer));
  // One run shows both, a look and a walk.
  const walk = ['find -printf over that connection', runs.map(walkAsWarm)] as const;
  return [
    figure('over ssh, 50 ms away: first look', runs, wall('cold')),
    { what: 'its bytes from the host', unit: 'bytes', ours: counted(all, 'cold', 'received') },
    compare('over ssh: refresh, nothing changed', wall('warm'), runs, walk),
    atMost({ what: 'its round trips', unit: 'count', ours: turns }, 2),
    { what: 'its bytes to the host: the script', unit: 'bytes', ours: warmBytes(all, 'sent') },
    { what: 'its bytes from the host', unit: 'bytes', ours: warmBytes(all, 'received') },
    atMost({ what: 'its bytes for each unchanged transcript', unit: 'bytes', ours: bytesEach }, 0.1),
    atMost(
      {
        what: 'over ssh: refresh, one transcript has grown: round trips',
        unit: 'count',
        ours: counted(few, 'grown', 'roundTrips'),
      },
      2,
    ),
  ];
};

const walkAsWarm = (run: PeerRun): PeerRun => ({ ...run, laps: { warm: run.laps['walk']! } });

interface Trip {
  run: PeerRun;
  /** By lap. */
  used: Record<string, ProxyCounts>;
}

/** What went through the proxy during each lap; `prepare` is done just before it. */
function watched(counts: ProxyCounts, prepare: (lap: string) => void) {
  const used: Record<string, ProxyCounts> = {};
  let before = { ...counts };
  return {
    used,
    begin: (lap: string) => {
      prepare(lap);
      before = { ...counts };
    },
    end: ({ name }: { name: string }) => {
      used[name] = {
        connections: counts.connections - before.connections,
        sent: counts.sent - before.sent,
        received: counts.received - before.received,
        roundTrips: counts.roundTrips - before.roundTrips,
      };
    },
  };
}
