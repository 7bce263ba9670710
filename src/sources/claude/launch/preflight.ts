import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { parseSessionId } from '../../../model/names';
import { findBase } from '../probe/probeScript';
import { newNonce, parseSections } from '../probe/sections';
import type { Section } from '../probe/sections';

interface AskOptions {
  /** Claude's configuration directory there; default the account's own. */
  configDir?: string;
  signal?: AbortSignal;
}

const mark = `
nonce=$1
mark() { printf '\\n%s %s\\n' "$nonce" "$*"; }
`;

/** The newest of `directories` (the last) that exists and may be entered, or undefined. Throws `HostError` as the host does. */
export async function lastExistingDirectory(
  host: Host,
  directories: readonly string[],
  { signal }: Pick<AskOptions, 'signal'> = {},
): Promise<string | undefined> {
  const asked = directories.filter((directory) => directory.startsWith('/')).reverse();
  if (asked.length === 0) return undefined;
  const script = `${mark}
    shift; i=0
    for directory in "$@"; do
      if [ -d "$directory" ] && [ -x "$directory" ]; then mark directory $i; break; fi
      i=$((i + 1))
    done
    mark end`;
  const found = (await ask(host, script, asked, signal)).find(({ name }) => name === 'directory');
  return found && asked[Number(found.args[0])];
}

/** A transcript by its id, as it lies there now. */
export interface LocatedTranscript {
  path: string;
  size: number;
  /** A line of a person or of Claude: without one Claude answers "No conversation found". */
  hasConversation: boolean;
}

/**
 * Every transcript of that id in all projects, whatever the case of its name. More than one: Claude takes the one of its
 * own directory, or none. Also tells before a start whether a new id is free.
 */
export async function locateTranscript(
  host: Host,
  sessionId: string,
  { configDir = '', signal }: AskOptions = {},
): Promise<LocatedTranscript[]> {
  const id = parseSessionId(sessionId);
  if (!id) return [];
  // A pattern instead of a comparison, so that ten thousand names cost nothing; nothing but hex digits is in it.
  const anyCase = id.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  const script = `${mark}${findBase}
    if cd "$base/projects" 2>/dev/null; then
      for file in ./*/$3.jsonl; do
        [ -f "$file" ] || continue
        conversation=0
        # The name stays out of every command line: it would look like a process that holds the session.
        grep -q '"type":"\\(user\\|assistant\\)"' <"$file" 2>/dev/null && conversation=1
        mark transcript $(wc -c <"$file") $conversation
        printf %s "$base/projects/\${file#./}"
      done
    fi
    mark end`;
  const sections = await ask(host, script, [configDir, anyCase], signal);
  return sections
    .filter(({ name }) => name === 'transcript')
    .map(({ args: [size, conversation], body }) => ({
      path: body.toString('utf8'),
      size: Number(size),
      hasConversation: conversation === '1',
    }));
}

/** Whether a start in `directory` will stop at the question if the folder is trusted. */
export type TrustState = 'trusted' | 'untrusted' | 'unknown';

/**
 * Looks up the answers that Claude keeps in `.claude.json`: in a git repository that of its root (its worktrees share
 * it), elsewhere that of the directory or of one above it. Nothing else of that file, which holds secrets, leaves the host.
 */
export async function trustState(
  host: Host,
  directory: string,
  { configDir = '', signal }: AskOptions = {},
): Promise<TrustState> {
  const script = `${mark}${findBase}
    directory=$(cd "$3" 2>/dev/null && pwd -P) || directory=$3
    file=$base/.claude.json
    if [ -z "$2" ] && [ -z "\${CLAUDE_CONFIG_DIR:-}" ]; then file=$HOME/.claude.json; fi
    GIT_ALLOW_PROTOCOL=none; export GIT_ALLOW_PROTOCOL
    root=$(git -C "$directory" rev-parse --show-toplevel 2>/dev/null)
    common=$(git -C "$directory" rev-parse --git-common-dir 2>/dev/null)
    case $common in /*/.git) main=\${common%/.git} ;; *) main= ;; esac
    if [ -r "$file" ]; then
      mark read
      # The CLI writes this file with two blanks a level; one written otherwise says nothing here.
      directory=$directory root=$root main=$main awk '
        /^  "/ { inside = ($0 ~ /^  "projects": [{]$/) }
        inside && /^    ".*": [{]$/ { path = $0; sub(/^    "/, "", path); sub(/": [{]$/, "", path) }
        inside && /^      "hasTrustDialogAccepted": true/ { trusted[path] = 1 }
        inside && /^      "hasTrustDialogAccepted": / { seen = 1 }
        END {
          at = ENVIRON["directory"]
          ok = (at in trusted)
          if (ENVIRON["root"] != "") ok = ok || (ENVIRON["root"] in trusted) || (ENVIRON["main"] in trusted)
          else while (sub(/\\/[^\\/]*$/, "", at)) ok = ok || ((at == "" ? "/" : at) in trusted)
          print ok ? "trusted" : seen ? "untrusted" : "unknown"
        }' <"$file"
    fi
    mark end`;
  const sections = await ask(host, script, [configDir, directory], signal);
  const answer = sections
    .find(({ name }) => name === 'read')
    ?.body.toString('utf8')
    .trim();
  return answer === 'trusted' || answer === 'untrusted' ? answer : 'unknown';
}

async function ask(
  host: Host,
  script: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Section[]> {
  const nonce = newNonce();
  const { stdout, stderr } = await host.script(script, [nonce, ...args], signal ? { signal } : {});
  const sections = parseSections(stdout, nonce);
  if (!sections)
    throw new UserError(`${host.name} gave half an answer.`, stderr.trim().slice(0, 300) || 'Try again.');
  return sections;
}
