import { alternate, fact, wallMs } from '../run';
import { atMost } from '../table';
import type { Scenario } from './scenario';

const tasks = 200;

/** What all those sessions cost the extension host: memory that is kept, and time to join them into one picture. */
export const window: Scenario = async ({ track, configDir, rounds, times }) => {
  const input = { configDir, times, tasks };
  const { kept, picture } = await alternate(rounds, {
    kept: () => track.run('kept', input),
    picture: () => track.run('picture', input),
  });
  const sessions = fact(picture, 'first', 'sessions');
  return [
    atMost(
      {
        what: `memory kept for ${fact(kept, 'with', 'sessions')} sessions`,
        unit: 'bytes',
        ours: fact(kept, 'with', 'heapBytes') - fact(kept, 'without', 'heapBytes'),
      },
      40e6,
    ),
    {
      what: `joining ${sessions} sessions and ${tasks} tasks, at first`,
      unit: 'ms',
      ours: wallMs(picture, 'first'),
    },
    { what: 'the same again, nothing changed', unit: 'ms', ours: wallMs(picture, 'again') },
  ];
};
