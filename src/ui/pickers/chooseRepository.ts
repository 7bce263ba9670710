import * as vscode from 'vscode';
import type { Repositories } from '../../actions/repositories';
import type { Repository } from '../../model/task/repository';

/** Asks which repository is meant where several are open, and remembers it for the task's project. */
export async function chooseRepository(
  repositories: Pick<Repositories, 'choose'>,
  key: string,
  choices: readonly Repository[],
): Promise<boolean> {
  const picked = await vscode.window.showQuickPick(
    choices.map((choice) => ({ label: choice.name, description: choice.places[0]?.directory ?? '' })),
    {
      title: `Which repository holds the branch of ${key}?`,
      placeHolder: 'Remembered for its project',
    },
  );
  if (picked) await repositories.choose(key, picked.description || picked.label);
  return picked !== undefined;
}
