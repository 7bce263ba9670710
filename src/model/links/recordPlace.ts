import type { RecordPlace } from '../record/text';
import { docsDirectoryFor } from '../task/repository';
import { type Forge, forgePages } from './forge';

/** What is known of the place that a record speaks of. */
export interface PlaceFacts {
  issueKey: string;
  /** Of the configured host: how it is reached. */
  host?: { ssh?: string | undefined; via?: readonly string[] | undefined } | undefined;
  /** Address of the remote that has the branch, and what runs there where its name does not tell. */
  remoteUrl?: string | undefined;
  forge?: Forge | undefined;
  branch?: string | undefined;
  commit?: string | undefined;
  /** Folder of the documents on the branch; `${key}` may stand in it. */
  docsDirectory?: string | undefined;
}

/** How a record is shown: the command's destination, and the pages on the git host to which its lines lead. */
export function placeFor(facts: PlaceFacts): RecordPlace {
  const { issueKey, host, remoteUrl, forge, branch, commit } = facts;
  const pages = remoteUrl === undefined ? undefined : forgePages(remoteUrl, forge);
  const folder =
    facts.docsDirectory === undefined ? undefined : docsDirectoryFor(issueKey, facts.docsDirectory);
  const at = branch === undefined ? undefined : { branch };
  const branchPage = branch === undefined ? undefined : pages?.branch(branch);
  const commitPage = commit === undefined ? undefined : pages?.commit(commit);
  return {
    issueKey,
    ...(host?.ssh !== undefined && { ssh: host.ssh }),
    ...(host?.via && { withoutCommand: true }),
    ...(branchPage !== undefined && { branchUrl: branchPage }),
    ...(commitPage !== undefined && { commitUrl: commitPage }),
    ...(pages &&
      at && {
        docUrl: (name) =>
          folder === undefined ? undefined : pages.file(folder === '' ? name : `${folder}/${name}`, at),
        // What was approved is what stood there at that commit.
        documentUrl: (path) => pages.file(path, { ...at, commit }),
      }),
  };
}
