import { writeCorpus } from '../../bed/corpus';
import type { ProxyCounts } from '../../bed/proxy';
import { startSsh } from '../../bed/sshd';
import { median } from '../run';
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
  writeCorpus(small, { count: fewer, seed: seed + 1 });

  const all: Trip[] = [];
  const few: Trip[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [trips, directory] of [
      [all, configDir],
      [few, small],
    ] as const) {
      const trip = watched(proxy.counts);
      const input = { configDir: directory, times, sshConfig: ssh.configFile };
      trips.push({ ...trip, run: await track.run('overSsh', input, trip) });
    }
  }
  const wall = (lap: string): number => median(all.map(({ run }) => median(run.laps[lap]!.wallMs)));
  const counted = (trips: Trip[], lap: string, name: keyof ProxyCounts): number =>
    median(trips.map(({ used }) => used[lap]![name]));
  const warmBytes = (trips: Trip[]): number =>
    (counted(trips, 'warm', 'received') + counted(trips, 'warm', 'sent')) / times;
  return [
    {
      what: 'over ssh, 50 ms away: first look',
      unit: 'ms',
      ours: wall('cold'),
    },
    { what: 'its round trips', unit: 'count', ours: counted(all, 'cold', 'roundTrips') },
    { what: 'its bytes from the host', unit: 'bytes', ours: counted(all, 'cold', 'received') },
    {
      what: 'over ssh: refresh, nothing changed',
      unit: 'ms',
      ours: wall('warm'),
      peer: { name: 'find -printf on that host', value: wall('walk') },
    },
    atMost({ what: 'its round trips', unit: 'count', ours: counted(all, 'warm', 'roundTrips') / times }, 2),
    { what: 'its bytes, both ways', unit: 'bytes', ours: warmBytes(all) },
    atMost(
      {
        what: 'its bytes for each unchanged transcript',
        unit: 'bytes',
        ours: Math.max(0, (warmBytes(all) - warmBytes(few)) / (count - fewer)),
      },
      0.1,
    ),
  ];
};

interface Trip {
  run: PeerRun;
  /** By lap. */
  used: Record<string, ProxyCounts>;
}

function watched(counts: ProxyCounts) {
  const used: Record<string, ProxyCounts> = {};
  let before = { ...counts };
  return {
    used,
    begin: () => void (before = { ...counts }),
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
