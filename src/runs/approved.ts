import type { Host } from '../hosts/host';
import { UserError } from '../model/errors';
import { approvedNames } from '../model/run/documents';
import { runsFolder } from '../model/run/folder';
import type { ImplementationOrder, RunOrder } from '../model/run/order';
import type { Place } from '../model/task/repository';
import { readFile } from '../sources/git/objects/documents';
import { firstComplaint, gitError, gitScript, tryGitScript } from '../sources/git/git';

/** What was approved: a full commit id, and documents with the ids of their contents. */
export type Approved = Pick<ImplementationOrder, 'commit' | 'documents'>;

type Ask = { signal?: AbortSignal | undefined };

/** Of one document; a run copies it and Claude reads it. */
const mostBytes = 1 << 20;

const commitScript = `commit=$1; head=$2; shift 2
"$@" cat-file -e "$commit^{commit}" 2>/dev/null || { echo missing; return; }
if [ -z "$head" ]; then echo there
elif [ -z "$("$@" rev-list --max-count=1 "$commit" "^$head" --)" ]; then echo within
else echo beside
fi
`;

/**
 * Whether the repository has a commit, and whether `head` (a full id) came after it: `within`, else `beside`; `there`
 * without a head. Throws `GitError` and `HostError`.
 */
export async function lookAtCommit(
  host: Host,
  place: Place,
  { commit, head = '' }: { commit: string; head?: string | undefined },
  { signal }: Ask = {},
): Promise<'missing' | 'there' | 'within' | 'beside'> {
  const output = await gitScript(host, place, commitScript, {
    args: [commit, head],
    ...(signal && { signal }),
  });
  const answer = output.toString().trim();
  return answer === 'there' || answer === 'within' || answer === 'beside' ? answer : 'missing';
}

/**
 * The contents of approved documents by their paths, from the approved commit, never from a working tree. Throws
 * `UserError` where the commit does not hold exactly them, or this clone lacks one.
 */
export async function readApproved(
  host: Host,
  place: Place,
  { commit, documents }: Approved,
  { signal }: Ask = {},
): Promise<Map<string, Buffer>> {
  const where = `${place.directory} on ${host.name}`;
  const entries = await Promise.all(
    documents.map(async ({ path, blob }): Promise<[string, Buffer]> => {
      const file = await readFile(host, place, commit, path, { limit: mostBytes, ...(signal && { signal }) });
      if (file.kind === 'tooLarge')
        throw new UserError(
          `The approved ${path} is larger than 1 MB.`,
          'Shorten it, and have it approved again.',
        );
      if (file.kind === 'absent')
        throw new UserError(`${where} lacks the content of the approved ${path}.`, 'Run git fetch there.');
      if (file.kind !== 'file' || file.entry.object !== blob)
        throw new UserError(
          `The approval of ${path} does not fit the commit ${commit.slice(0, 12)}, which holds ${file.kind === 'missing' ? 'no such document' : 'another content'}.`,
          'Have the documents approved again.',
        );
      return [path, file.content];
    }),
  );
  return new Map(entries);
}

/** `$1` run; stdin: blob and name, a line each. */
const copyScript = `
folder=$HOME/${runsFolder}/$1/approved; shift
umask 077
mkdir -p "$folder" || return 1
while IFS= read -r line; do
  blob=\${line%% *} name=\${line#* }
  "$@" cat-file blob "$blob" </dev/null >"$folder/.$blob" && mv -f "$folder/.$blob" "$folder/$name" || return 1
done
`;

/**
 * Copies the approved documents into `approved/` of the run's folder, as git has them. May be repeated. Throws
 * `UserError` and `HostError`.
 */
export async function placeApproved(
  host: Host,
  { id, repository }: Pick<RunOrder, 'id' | 'repository'>,
  approved: Approved,
  { signal }: Ask = {},
): Promise<void> {
  const place: Place = { name: '', host: host.name, directory: repository };
  const names = approvedNames(approved);
  const result = await tryGitScript(host, place, copyScript, {
    args: [id],
    stdin: approved.documents.map(({ blob }, at) => `${blob} ${names[at]}\n`).join(''),
    ...(signal && { signal }),
  });
  if (result.code === 0) return;
  if (result.code !== 1) throw gitError(result, place);
  throw new UserError(
    `The approved documents could not be copied on ${host.name}: ${firstComplaint(result.stderr) || 'no reason was given'}.`,
    'Make room there, or run git fetch in the repository; then continue the run.',
  );
}
