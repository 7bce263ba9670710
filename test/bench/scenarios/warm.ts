import { compare, cpu, wall } from '../compare';
import { alternate } from '../run';
import { atMostTimes } from '../table';
import type { Scenario } from './scenario';

const lap = 'warm';

/** A look after which nothing has changed, with live registry, processes and tmux, against a walk that only stats. */
export const warm: Scenario = async ({ track, configDir, rounds, times }) => {
  const input = { configDir, times };
  const { ours, find, node } = await alternate(rounds, {
    ours: () => track.run('warm', input),
    find: () => track.run('bareWalk', input),
    node: () => track.run('statWalk', input),
  });
  return [
    atMostTimes(compare('refresh, nothing changed', wall(lap), ours, ['find -printf', find]), 1.5),
    compare('its CPU time', cpu(lap), ours, ['the same', find]),
    compare('refresh against a walk in Node', wall(lap), ours, ['readdirSync and statSync', node]),
  ];
};
