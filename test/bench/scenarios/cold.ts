import { agentSdkModule, agentSdkName } from '../../bed/prepare';
import { compare, cpu, fact, over, peak, wall } from '../compare';
import { alternate } from '../run';
import { atMostTimes } from '../table';
import type { Scenario } from './scenario';

const lap = 'cold';

/** A first look at everything: against the vendor's listing, and against reading as many bytes and no more. */
export const cold: Scenario = async ({ track, configDir, count, rounds, times, say }) => {
  const input = { configDir, times };
  // Also fills the page cache, for all.
  const look = await track.run('cold', input);
  const bytes = (name: string): number => fact(name, 'readBytes').of(look);
  const readBytes = Math.max(0, bytes(lap) - bytes('warm'));
  const each = Math.max(512, Math.round(readBytes / count / 2));
  say(
    `a first look reads ${Math.round(readBytes / 1e6)} MB of transcripts: the floor reads ${each} bytes at each end`,
  );

  const { ours, sdk, floor } = await alternate(rounds, {
    ours: () => track.run('cold', input),
    sdk: () => track.run('sdk', { ...input, sdk: agentSdkModule() }),
    floor: () => track.run('floor', { ...input, look: each }),
  });
  const listing = [`listSessions() of ${agentSdkName}`, sdk] as const;
  const reading = [`find, head and tail of ${each} bytes each`, floor] as const;
  const same = (runs: typeof sdk) => ['the same', runs] as const;
  const sessions = over(ours, fact(lap, 'sessions'));
  return [
    atMostTimes(compare(`first look at ${sessions} transcripts`, wall(lap), ours, listing), 1 / 10),
    compare('its CPU time', cpu(lap), ours, same(sdk)),
    atMostTimes(compare('its peak memory, helpers included', peak, ours, same(sdk)), 1 / 10),
    atMostTimes(compare('first look against the floor', wall(lap), ours, reading), 2),
    compare('its CPU time against the floor', cpu(lap), ours, same(floor)),
  ];
};
