import * as vscode from 'vscode';
import { UserError } from '../../model/errors';
import { stepsIn } from './nextSteps';

/** Says why something of a task is refused, with what the next step names at hand; throws it where that names nothing. */
export async function offerSteps(key: string, reason: string, next: string): Promise<void> {
  const steps = stepsIn(next);
  const refused = new UserError(reason, next);
  if (steps.length === 0) throw refused;
  const chosen = await vscode.window.showWarningMessage(refused.line, ...steps.map(({ title }) => title));
  const step = steps.find(({ title }) => title === chosen);
  if (step) await vscode.commands.executeCommand(`taskSessions.${step.command}`, { key });
}
