import { LocalHost } from '../../src/hosts/local';
import type { Terminals } from '../../src/hosts/terminals';
import { SupervisorTerminals } from '../../src/hosts/terminals/supervisor';
import { TmuxTerminals } from '../../src/hosts/terminals/tmux';
import { settingsSchema } from '../../src/model/settings';
import { silentLog } from '../../src/util/log';
import type { Bed } from '../bed/bed';
import { endProcessesOf } from '../bed/processes';
import { makeTmux } from '../bed/tmux';
import { buildSupervisor } from './supervisorBundle';

export interface Kind {
  name: Terminals['kind'];
  make(bed: Bed): Promise<{ terminals: Terminals; env: NodeJS.ProcessEnv }>;
}

/** What a session of Claude leaves in the environment of all that it starts. */
const leftovers = { CLAUDECODE: '1', CLAUDE_CODE_CHILD_SESSION: '1', TASK_SESSIONS_JIRA_TOKEN: 'secret' };

export const kinds: Kind[] = [
  {
    name: 'tmux',
    make: async (bed) => {
      const tmux = await bed.add(makeTmux(await bed.folder('tmux')));
      // A server that somebody started from inside a session.
      await tmux.run(['set-option', '-g', 'exit-empty', 'off', ';', 'new-session', '-d', '-s', 'other']);
      for (const [name, value] of Object.entries(leftovers))
        await tmux.run(['set-environment', '-g', name, value]);
      const host = new LocalHost({
        name: 'here',
        settings: settingsSchema.parse({}).local,
        log: silentLog,
        env: { ...tmux.env, ...leftovers },
      });
      await bed.add({ dispose: () => host.dispose() });
      return { terminals: new TmuxTerminals(host), env: tmux.env };
    },
  },
  {
    name: 'supervisor',
    make: async (bed) => {
      const home = await bed.folder('sup');
      await bed.add({ dispose: () => endProcessesOf(home) });
      const env = {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_STATE_HOME: home,
        LANG: 'C.UTF-8',
        ...leftovers,
      };
      const host = new LocalHost({
        name: 'here',
        settings: settingsSchema.parse({}).local,
        log: silentLog,
        env,
      });
      await bed.add({ dispose: () => host.dispose() });
      return { terminals: new SupervisorTerminals({ host, program: await buildSupervisor(), env }), env };
    },
  },
];
