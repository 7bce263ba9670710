import type { App } from '../../app';
import { UserError } from '../../model/errors';
import type { CommandTable } from '../commands/commandTable';
import { setUpHost } from './hostSetUpVerb';

export type SetUpCommands = Pick<CommandTable, 'setUpHost' | 'setUpWorkflow'>;

/** What is set up once: the hosts for the way back from a session, and the project's statuses for the phases. */
export function setUpCommands(app: App): SetUpCommands {
  const notYet = (title: string) => () => {
    throw new UserError(`${title}: not built yet.`, 'Update Task Sessions.');
  };
  return { setUpHost: () => setUpHost(app), setUpWorkflow: notYet('Set Up Workflow') };
}
