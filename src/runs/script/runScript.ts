import { pathScript, scrubScript } from '../../hosts/environment';
import type { RunOrder } from '../../model/run/order';
import { documents } from './documents';
import { checks } from './implementation/checks';
import { fence } from './implementation/fence';
import { plan } from './implementation/plan';
import { lines } from './lines';
import { parameters } from './parameters';
import { processes } from './processes';
import { publish } from './publish';
import { turns } from './turns';

/**
 * Claude's argv for each kind of turn, less session and prompt (runs/turn): of an analysis, or of an implementation.
 *
 * The run's folder holds for an analysis `prompts/analysis.md`, `documents.md` and `review.md`. For an implementation:
 * - `approved/NAME`: the documents at the approved commit (`approvedDirectory`), which the prompts name by absolute paths;
 * - `prompts/step-N.md` for each step of the plan, from 1: what is asked for it;
 * - `prompts/fix.md`: that a check failed after the step and its cause is to be mended. The script puts the command and
 *   the fenced end of its output behind it;
 * - `prompts/continuation.md`: that a session before this one has got so far. The script puts the fenced list of the
 *   commits since the base behind it, then `step-N.md`.
 */
export type RunTurns =
  | { analysis: readonly string[]; documents: readonly string[]; review?: readonly string[] }
  | { implement: readonly string[] };

export interface RunScriptOptions {
  turns: RunTurns;
  perHost: number;
  /** The host is the machine of the client. */
  local: boolean;
  /** The ssh command for git; default the account's. */
  ssh?: string;
  /** After so long a check has failed; default half an hour. */
  checkSeconds?: number;
}

/**
 * The whole run as one POSIX-sh script: waits for a place, has Claude work, checks, commits and pushes, and appends a line
 * to `run.jsonl` for each step. Started again at any point it goes on there. It holds no secret and does not know Jira.
 */
export function runScript(order: RunOrder, options: RunScriptOptions): string {
  return `#!/bin/sh
# The run of Task Sessions for ${order.key}: "sh run.sh" works until it is done; started again it goes on.
mask=$(umask)
umask 077
unset CDPATH
case $0 in */*) run=\${0%/*} ;; *) run=. ;; esac
run=$(cd -- "$run" && pwd) && cd -- "$run" || exit 1
language=\${LC_ALL:-}
LC_ALL=C; export LC_ALL
${surroundings(options.local)}
${parameters(order, options)}
${processes}${lines}${ends}${turns}${order.implementation ? fence + checks + plan : documents}${publish}${main}`;
}

/** Nothing of the client, of an ssh connection or of another repository; then the programs that a bare ssh misses. */
const surroundings = (local: boolean): string => `${scrubScript()}
unset TMUX TMUX_PANE GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR GIT_NAMESPACE
unset GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT
${local ? '[ -z "${SSH_CONNECTION:-}" ] || ' : ''}unset SSH_AUTH_SOCK SSH_AGENT_PID
${pathScript}`;

const ends = `
stopIfAsked() {
  [ -e stop ] || return 0
  note run stopped
  exit 0
}
# The step $1 failed: a word, a text, further fields. So did the run.
fail() {
  stopIfAsked
  note "$1" failed "$(why "$2" "\${3:-}")\${4:-}"
  note run failed "$(why "$2" "\${3:-}")"
  # What this Claude brought to its end does not count when it is tried again.
  rm -f claude
  exit 1
}
child=
endEarly() {
  signalCheck TERM || { [ -z "$child" ] || kill "$child" 2>/dev/null; }
  endWatch
  exit 143
}
`;

const main = `
# Waits on the host, so that it goes on without any client: one of so many places, held until this process ends.
# The worktree comes first: two runs that were led into one work there one after the other.
waitForPlace() {
  mkdir -p ../.slots || fail wait disk
  quiet=1
  isDone wait || { note wait started; quiet=; }
  tree=../.slots/tree-$(printf %s "$worktree" | cksum | tr ' ' -)
  until takeOne "$tree"; do waitLonger; done
  places=
  while [ "\${place:=1}" -le "$perHost" ]; do places="$places ../.slots/$place" place=$((place + 1)); done
  until takeOne $places; do waitLonger; done
  [ -n "$quiet" ] || note wait done
}
# Takes one of these locks.
takeOne() {
  for lock in "$@"; do
    take "$lock" "$self"
    case $? in
      0) return 0 ;;
      2) fail wait disk ;;
    esac
  done
  return 1
}
waitLonger() {
  [ -z "$quiet" ] || { note wait started; quiet=; }
  sleep 2
  stopIfAsked
}

work() {
  findStart $$
  self="$$ $start $boot"
  take .runner "$self"
  case $? in
    1) exit 0 ;;
    2) note run failed "$(why disk)"; exit 1 ;;
  esac
  [ "$(standing)" != complete ] || exit 0
  exec 2>>runner.err
  printf '%s\\n' "$self" >.runner.new && mv -f .runner.new runner
  trap endEarly HUP INT TERM
  # Room for the last lines, should the disk be full by then.
  [ -e reserve ] || dd if=/dev/zero of=reserve bs=4096 count=8 2>/dev/null
  note run started ",\\"pid\\":$$,\\"start\\":\\"$start\\",\\"boot\\":\\"$boot\\""
  stopIfAsked
  worktree=$(cd -P -- "$directory" 2>/dev/null && pwd -P) || fail "$first" directory "The directory is gone: $directory"
  waitForPlace
  case $first in
    implement) buildPlan ;;
    *) analyse ;;
  esac
  isDone push || pushBranch
  note run complete ",\\"commit\\":\\"$(git_ rev-parse --verify "refs/heads/$branch")\\""
  rm -f reserve remade prompt missing.md said said.here fetched embedded indexing.left stalled fenced failing checking
}

analyse() {
  isDone analysis || { turn analysis "$sessionId" anew prompts/analysis.md; note analysis done; }
  stopIfAsked
  # Documents that went before they were committed are to be written again.
  isDone commit || { isDone documents && ! findMissing; } || checkDocuments
  stopIfAsked
  [ -z "$reviewId" ] || isDone commit || { isDone review && isThere "$critic"; } || review
  stopIfAsked
  isDone commit || commitWork -f
  stopIfAsked
}

findBoot
case \${1:-work} in
  turn) shift; becomeClaude "$@" ;;
  check) shift; becomeCheck "$@" ;;
  work) work ;;
esac
`;
