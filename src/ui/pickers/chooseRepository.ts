import * as vscode from 'vscode';
import { RepositoryChoiceNeeded } from '../../actions/checkouts';
import type { Repositories } from '../../actions/repositories';
import type { Repository } from '../../model/task/repository';

/** Does the work; where several repositories are open, asks which is meant, remembers it, and goes on. */
export async function choosingRepository<T>(
  repositories: Pick<Repositories, 'choose'>,
  work: () => PromiseLike<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RepositoryChoiceNeeded)) throw error;
    if (!(await chooseRepository(repositories, error.key, error.choices))) return undefined;
    return work();
  }
}

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
