import type { App } from '../../app';
import { UserError } from '../../model/errors';
import type { CommandTable } from '../commands/commandTable';

export type SetUpCommands = Pick<CommandTable, 'setUpHost' | 'setUpWorkflow'>;

/** What is set up once: the hosts for the way back from a session, and the project's statuses for the phases. */
export function setUpCommands(_app: App): SetUpCommands {
  const notYet = (title: string) => () => {
    throw new UserError(`${title}: not built yet.`, 'Update Task Sessions.');
  };
  return { setUpHost: notYet('Set Up This Host'), setUpWorkflow: notYet('Set Up Workflow') };
}
