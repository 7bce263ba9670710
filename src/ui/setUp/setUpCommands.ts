import type { App } from '../../app';
import type { CommandTable } from '../commands/commandTable';
import { targetsOf } from '../commands/target';
import { setUpHost } from './hostSetUpVerb';
import { setUpWorkflow } from './workflowVerb';

export type SetUpCommands = Pick<CommandTable, 'setUpHost' | 'setUpWorkflow'>;

/** What is set up once: the hosts for the way back from a session, and the project's statuses for the phases. */
export function setUpCommands(app: App): SetUpCommands {
  return {
    setUpHost: () => setUpHost(app),
    setUpWorkflow: (argument) => {
      const { task } = targetsOf(app)(argument);
      return setUpWorkflow(app, task?.key);
    },
  };
}
