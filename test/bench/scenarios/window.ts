import { cpu, fact, figure, over } from '../compare';
import { alternate } from '../run';
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
  const heap = (lap: string): number => over(kept, fact(lap, 'heapBytes'));
  const memory = `memory kept for ${over(kept, fact('with', 'sessions'))} sessions`;
  const joining = `joining ${over(picture, fact('first', 'sessions'))} sessions and ${tasks} tasks`;
  return [
    atMost({ what: memory, unit: 'bytes', ours: heap('with') - heap('without') }, 40e6),
    figure(`${joining}, at first: CPU time`, picture, cpu('first')),
    figure('the same again, nothing changed: CPU time', picture, cpu('again')),
  ];
};
