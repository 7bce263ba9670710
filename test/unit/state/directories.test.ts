import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { configFile, stateDirectory } from '../../../src/state/directories';

type Environment = Record<string, string>;

const cases: { name: string; env: Environment; state: string; config: string }[] = [
  { name: 'the home', env: { HOME: '/home/dev' }, state: '/home/dev/.local/state/task-sessions', config: '/home/dev/.config/task-sessions/config.json' },
  { name: 'the XDG directories', env: { HOME: '/home/dev', XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: '/c' }, state: '/s/task-sessions', config: '/c/task-sessions/config.json' },
  { name: 'the home where XDG is relative', env: { HOME: '/home/dev', XDG_STATE_HOME: 's', XDG_CONFIG_HOME: '' }, state: '/home/dev/.local/state/task-sessions', config: '/home/dev/.config/task-sessions/config.json' },
  { name: 'the file that is named', env: { HOME: '/h', TASK_SESSIONS_CONFIG: 'mine.json' }, state: '/h/.local/state/task-sessions', config: 'mine.json' },
  { name: 'the account\'s home without HOME', env: {}, state: join(homedir(), '.local/state/task-sessions'), config: join(homedir(), '.config/task-sessions/config.json') },
]; // prettier-ignore

describe('the directories', () => {
  for (const { name, env, state, config } of cases)
    it(`are in ${name}`, () => {
      assert.equal(stateDirectory(env), state);
      assert.equal(configFile(env), config);
    });
});
