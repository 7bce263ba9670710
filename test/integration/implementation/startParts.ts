import { recordBody } from '../../jira/demo/records';
import type { StartBed } from '../analyses/startBed';

export const docsBranch = (key: string): string => `task/${key}-analysis`;
export const folderOf = (key: string): string => `docs/tasks/${key}`;
export const planName = 'step_by_step_impl_plan.md';

export interface Written {
  commit: string;
  documents: { path: string; blob: string }[];
}

/** Documents on the pushed branch of a task, as an analysis leaves them; `files` go into their folder. */
export async function writeDocuments(
  { repository }: StartBed,
  key: string,
  files: Record<string, string>,
): Promise<Written> {
  const branch = docsBranch(key);
  const { git, origin } = repository;
  const isThere = (await git(['branch', '--list', branch], origin)) !== '';
  if (!isThere) await git(['branch', branch, 'main'], origin);
  const inFolder = Object.entries(files).map(([name, text]) => [`${folderOf(key)}/${name}`, text]);
  const commit = await repository.commitUpstream(branch, Object.fromEntries(inFolder), `${key}: Documents`);
  const list = await git(['ls-tree', '-r', commit, `${folderOf(key)}/`], origin);
  const documents = list.split('\n').map((line) => {
    const [, , blob = '', path = ''] = line.split(/\s/);
    return { path, blob };
  });
  return { commit, documents };
}

/** The comment of an approval, and the move that proves it; `mover`: null where it was made before. */
export function approve(
  { jira }: StartBed,
  key: string,
  { commit, documents }: Written,
  { by = 'pat', mover = 'pat' }: { by?: string; mover?: string | null } = {},
): void {
  if (mover !== null) {
    // Not in the same second, in which nobody could tell what came first.
    jira.state.setStatus(key, 'Ready for Review', 'dana', Date.now() - 60_000);
    jira.state.setStatus(key, 'Approved', mover);
  }
  const body = recordBody(
    {
      title: 'Approved for Implementation',
      fields: [
        ['Branch', docsBranch(key)],
        ['Commit', commit],
        ...documents.map(({ path, blob }): [string, string] => ['Document', `${path} ${blob}`]),
      ],
      docs: [],
    },
    'panel',
  );
  jira.state.addComment(key, { author: by, body });
}
