import { alternate, cpuMs, wallMs } from '../run';
import { atMostTimes } from '../table';
import type { Scenario } from './scenario';

/** A look after which nothing has changed, with live registry, processes and tmux, against a walk that only stats. */
export const warm: Scenario = async ({ track, configDir, rounds, times }) => {
  const input = { configDir, times };
  const { ours, find, node } = await alternate(rounds, {
    ours: () => track.run('warm', input),
    find: () => track.run('bareWalk', input),
    node: () => track.run('statWalk', input),
  });
  const wall = wallMs(ours, 'warm');
  return [
    atMostTimes(
      {
        what: 'refresh, nothing changed',
        unit: 'ms',
        ours: wall,
        peer: { name: 'find -printf', value: wallMs(find, 'warm') },
      },
      1.5,
    ),
    {
      what: 'its CPU time',
      unit: 'ms',
      ours: cpuMs(ours, 'warm'),
      peer: { name: 'the same', value: cpuMs(find, 'warm') },
    },
    {
      what: 'refresh against a walk in Node',
      unit: 'ms',
      ours: wall,
      peer: { name: 'readdir and stat', value: wallMs(node, 'warm') },
    },
  ];
};
