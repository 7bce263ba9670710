import type { Host } from '../../hosts/host';
import { docsDirectoryFor } from '../../model/task/repository';
import type { Place } from '../../model/task/repository';
import type { TaskDoc } from '../../model/task/task';
import { docsElsewhere, docsInDirectory, parseTree, parseTreeLine, quotedName } from './docs';
import type { DocsSettings, TreeEntry } from './docs';
import { GitError, gitScript } from './git';

interface Question {
  key: string;
  /** Full id. */
  commit: string;
}

export interface DocsReading {
  docs: TaskDoc[];
  error?: string;
}

type ReadDocs = (
  host: Host,
  place: Place,
  questions: readonly Question[],
  settings: DocsSettings,
  signal?: AbortSignal,
) => Promise<Map<string, DocsReading>>;

/** Whole branches are listed for so many tasks a reading; the others have their turn in the next. */
const maxListed = 100;

/** Finds documents on commits, and remembers what it found (by commit, directory and names) for the last `capacity`. */
export function docsReader(capacity: number): ReadDocs {
  const known = new Map<string, TaskDoc[]>();

  return async (host, place, questions, settings, signal) => {
    const readings = new Map<string, DocsReading>();
    const keep = (question: Question, docs: TaskDoc[]): void => {
      const id = cacheKey(question, settings);
      known.delete(id);
      known.set(id, docs);
      readings.set(question.key, { docs });
    };
    const unknown = questions.filter((question) => {
      const docs = known.get(cacheKey(question, settings));
      if (docs) keep(question, docs);
      return !docs;
    });

    let open: Listing[] = unknown.map((question) => {
      const directory = docsDirectoryFor(question.key, settings.directory);
      return { question, ...(directory === undefined ? {} : { directory }) };
    });
    // The second pass is for directories that are there but hold none of the documents.
    for (let pass = 0; pass < 2 && open.length > 0; pass++) {
      const trees = await list(host, place, open, settings, signal);
      open = open.flatMap((listing, at) => {
        const { question, directory } = listing;
        const tree = trees[at];
        if (tree?.kind === 'broken')
          readings.set(question.key, {
            docs: [],
            error: 'This clone lacks objects of the branch. Run git fetch there.',
          });
        else if (tree?.kind === 'whole') keep(question, docsElsewhere(tree.entries, question.key, settings));
        else if (tree?.kind === 'directory') {
          const docs = docsInDirectory(tree.entries, directory ?? '', settings.names);
          if (docs.length === 0) return [{ question }];
          keep(question, docs);
        }
        return [];
      });
    }
    for (const id of known.keys()) {
      if (known.size <= capacity) break;
      known.delete(id);
    }
    return readings;
  };
}

const cacheKey = ({ key, commit }: Question, { directory, names }: DocsSettings): string =>
  [commit, key, directory, ...names].join('\n');

interface Listing {
  question: Question;
  /** The directory to list; without it, or where it does not exist, the whole branch is listed by name. */
  directory?: string;
}

type Tree =
  | { kind: 'directory'; entries: TreeEntry[] }
  | { kind: 'whole'; entries: TreeEntry[] }
  /** Objects are missing. */
  | { kind: 'broken' };

// stdin: `COMMIT:directory` or `COMMIT` a line. Out comes a `cat-file` answer for each (the tree, or "missing"), then
// for each commit without such a directory `> COMMIT`, the lines of ls-tree whose names are wanted, and `!` if it failed.
// "-" stands for what is not to be read: too large a tree, or none.
const listScript = `names=$1 limit=$2; shift 2
checks=$("$@" cat-file --batch-check --buffer) || return
printf '%s\\n' "$checks" |
  awk 'NF == 3 && $1 ~ /^[0-9a-f]+$/ && $2 == "tree" && $3 <= 4194304 { print $1; next } { print "-" }' |
  "$@" cat-file --batch --buffer || return
printf '%s\\n' "$checks" |
  awk '/^[0-9a-f]+:/ { sub(/:.*/, ""); print; next } $2 == "commit" { print $1 }' |
  awk -v limit="$limit" '!seen[$0]++ && ++n <= limit' |
  while read -r commit; do
    echo "> $commit"
    { "$@" ls-tree -r --full-tree "$commit" </dev/null 2>/dev/null || echo '!'; } |
      DOC_NAMES=$names awk '
        BEGIN { n = split(ENVIRON["DOC_NAMES"], list, "\\n"); for (i = 1; i <= n; i++) wanted[list[i]] }
        $0 == "!" { print; next }
        { path = name = substr($0, index($0, "\\t") + 1) }
        path ~ /^"/ { sub(/^"/, "", name); sub(/"$/, "", name) }
        { sub(/.*\\//, "", name) }
        name in wanted && ++found <= 1000'
  done
`;

async function list(
  host: Host,
  place: Place,
  listings: readonly Listing[],
  { names }: DocsSettings,
  signal: AbortSignal | undefined,
): Promise<(Tree | undefined)[]> {
  const output = await gitScript(host, place, listScript, {
    args: [names.map(quotedName).join('\n'), String(maxListed)],
    stdin: listings
      .map(({ question, directory }) =>
        directory === undefined ? `${question.commit}\n` : `${question.commit}:${directory}\n`,
      )
      .join(''),
    timeoutMs: 60_000,
    ...(signal ? { signal } : {}),
  });
  const batch = parseBatch(output, listings.length);
  const whole = parseWhole(output.toString('utf8', batch.end));
  return batch.objects.map((object, at) => {
    if (object) return { kind: 'directory', entries: parseTree(object.content, object.id.length / 2) };
    return whole.get(listings[at]?.question.commit ?? '');
  });
}

interface BatchObject {
  id: string;
  content: Buffer;
}

/** The first `count` answers of `cat-file --batch`, undefined for what is missing. */
function parseBatch(output: Buffer, count: number): { objects: (BatchObject | undefined)[]; end: number } {
  const objects: (BatchObject | undefined)[] = [];
  let at = 0;
  while (objects.length < count) {
    const lineEnd = output.indexOf(0x0a, at);
    if (lineEnd < 0)
      throw new GitError('failed', 'Git gave only a part of its answer.', 'Refresh to try again.');
    const header = /^([0-9a-f]+) \w+ (\d+)$/.exec(output.toString('latin1', at, lineEnd));
    const [, id, size] = header ?? [];
    const start = lineEnd + 1;
    objects.push(id ? { id, content: output.subarray(start, start + Number(size)) } : undefined);
    at = id ? start + Number(size) + 1 : start;
  }
  return { objects, end: at };
}

function parseWhole(text: string): Map<string, Tree> {
  const trees = new Map<string, Tree>();
  let commit = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('> ')) {
      commit = line.slice(2);
      trees.set(commit, { kind: 'whole', entries: [] });
    } else if (line === '!') trees.set(commit, { kind: 'broken' });
    else {
      const entry = parseTreeLine(line);
      const tree = trees.get(commit);
      if (entry && tree?.kind === 'whole') tree.entries.push(entry);
    }
  }
  return trees;
}
