import * as vscode from 'vscode';
import { stepsIn } from './nextSteps';

/** Says why something of a task is refused, with what the next step names at hand. */
export async function offerSteps(key: string, text: string, next: string): Promise<void> {
  const steps = stepsIn(next);
  const chosen = await vscode.window.showWarningMessage(text, ...steps.map(({ title }) => title));
  const step = steps.find(({ title }) => title === chosen);
  if (step) await vscode.commands.executeCommand(`taskSessions.${step.command}`, { key });
}
