import type { Host } from '../../hosts/host';
import type { WorkspaceRepository } from '../../model/task/repository';
import { gitError, tryGitScript } from './git';

/** A repository of the workspace; worktrees of one repository are one. */
export interface FoundRepository extends WorkspaceRepository {
  /** Top of the working tree of the first folder that lies in it. */
  directory: string;
  /** Its `.git`, shared by its worktrees. */
  gitDirectory: string;
  folders: string[];
}

export interface WorkspaceReading {
  repositories: FoundRepository[];
  /** Folders whose repository git refuses, in words; a folder without any repository is not a problem. */
  problems: { folder: string; error: string }[];
}

const script = `"$@" rev-parse --show-toplevel || return
(cd -- "$("$@" rev-parse --git-common-dir)" && pwd -P) || return
"$@" config --local --get-regexp '^remote[.].*[.]url$'
return 0
`;

/** The repositories of the open folders and their remotes. Folders are read side by side, four processes each. */
export async function findRepositories(
  host: Host,
  folders: readonly string[],
  signal?: AbortSignal,
): Promise<WorkspaceReading> {
  const reading: WorkspaceReading = { repositories: [], problems: [] };
  const results = await Promise.all(
    folders.map(async (folder) => {
      const place = { name: '', host: host.name, directory: folder };
      const result = await tryGitScript(host, place, script, signal ? { signal } : {});
      return { folder, place, result };
    }),
  );
  for (const { folder, place, result } of results) {
    if (result.code !== 0) {
      const error = gitError(result, place);
      if (error.kind !== 'notRepository') reading.problems.push({ folder, error: error.line });
      continue;
    }
    const [directory = '', gitDirectory = '', ...config] = result.stdout.toString('utf8').split('\n');
    const known = reading.repositories.find((repository) => repository.gitDirectory === gitDirectory);
    if (known) known.folders.push(folder);
    else
      reading.repositories.push({
        directory,
        gitDirectory,
        folders: [folder],
        remotes: config.flatMap((line) => {
          const space = line.indexOf(' ');
          return space < 0 ? [] : [line.slice(space + 1)];
        }),
      });
  }
  return reading;
}
