import { agentSdkModule, agentSdkName } from '../../bed/prepare';
import { alternate, cpuMs, fact, peak, wallMs } from '../run';
import { atMostTimes } from '../table';
import type { Scenario } from './scenario';

/** A first look at everything: against the vendor's listing, and against reading as many bytes and no more. */
export const cold: Scenario = async ({ track, configDir, count, rounds, times, say }) => {
  const input = { configDir, times };
  // Also fills the page cache, for all.
  const look = [await track.run('cold', input)];
  const readBytes = Math.max(0, fact(look, 'cold', 'readBytes') - fact(look, 'warm', 'readBytes'));
  const each = Math.max(512, Math.round(readBytes / count / 2));
  say(
    `a first look reads ${Math.round(readBytes / 1e6)} MB of transcripts; the floor: ${each} bytes at each end`,
  );

  const { ours, sdk, floor } = await alternate(rounds, {
    ours: () => track.run('cold', input),
    sdk: () => track.run('sdk', { ...input, sdk: agentSdkModule() }),
    floor: () => track.run('floor', { ...input, look: each }),
  });
  const listing = `listSessions() of ${agentSdkName}`;
  const reading = `find, head and tail of ${each} bytes each`;
  return [
    atMostTimes(
      {
        what: `first look at ${fact(ours, 'cold', 'sessions')} transcripts`,
        unit: 'ms',
        ours: wallMs(ours, 'cold'),
        peer: { name: listing, value: wallMs(sdk, 'cold') },
      },
      1 / 10,
    ),
    {
      what: 'its CPU time',
      unit: 'ms',
      ours: cpuMs(ours, 'cold'),
      peer: { name: 'the same', value: cpuMs(sdk, 'cold') },
    },
    atMostTimes(
      {
        what: 'its peak memory, helpers included',
        unit: 'bytes',
        ours: peak(ours),
        peer: { name: 'the same', value: peak(sdk) },
      },
      1 / 10,
    ),
    atMostTimes(
      {
        what: 'first look against the floor',
        unit: 'ms',
        ours: wallMs(ours, 'cold'),
        peer: { name: reading, value: wallMs(floor, 'cold') },
      },
      2,
    ),
    {
      what: 'its CPU time against the floor',
      unit: 'ms',
      ours: cpuMs(ours, 'cold'),
      peer: { name: 'the same', value: cpuMs(floor, 'cold') },
    },
  ];
};
