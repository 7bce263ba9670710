import { transcriptLook } from './transcriptLook';

/**
 * The POSIX-sh texts that look at an account: for dash, bash, busybox and ksh, with GNU, busybox or BSD tools.
 * They write nothing on the host, and take everything from outside as arguments, `$1` being the nonce of the headings.
 */

/** Without comments and indentation: the probe goes to each host with each refresh. */
export const terse = (script: string): string => script.replace(/^[ \t]*(?:#.*\n)?/gm, '');

const mark = `
nonce=$1
mark() { printf '\\n%s %s\\n' "$nonce" "$*"; }
`;

/** Sets \`base\`, Claude's configuration directory, from \`$2\`: a path, \`~/…\`, or nothing for the account's own. */
export const findBase = `
case $2 in
  '') base=\${CLAUDE_CONFIG_DIR:-$HOME/.claude} ;;
  '~') base=$HOME ;;
  '~/'*) base=$HOME/\${2#'~/'} ;;
  *) base=$2 ;;
esac
`;

const uuidPattern = `
h='[0-9a-fA-F]'; h=$h$h$h$h
uuid="$h$h-$h-$h-$h-$h$h$h"
`;

/**
 * Lists the transcripts: `~ STATE`, then a row `TIME SIZE ./FOLDER/ID.jsonl` for each that changed since the state `known`,
 * newest first. A state is `COUNT:NEWEST:BYTES:TIMES:FOLDERS`: the newest and the sum of the times at which files changed in
 * any way (ctime, which nothing sets back, so that neither a moved file nor a restored one goes unseen), and a checksum of
 * the folders' names: whoever renames a folder changes no file in it. Equal states are
 * equal lists: then there are no rows, and nothing had to be sorted or hashed. It takes what a bare `find` takes.
 */
const listTranscripts = `
listTranscripts() {
  # Folders begin with "-". A pipe of such a name must not be opened, nor a folder taken for a file.
  file="[.]/[A-Za-z0-9-]+/$uuid[.]jsonl"
  folders=$(ls | { cksum || md5sum; } 2>/dev/null)
  if find -L . -maxdepth 0 -printf '' 2>/dev/null; then
    find -L . -mindepth 2 -maxdepth 2 -type f -name '*.jsonl' -printf '%C@ %T@ %s ./%P\\n' 2>/dev/null
  else
    if stat -L -c '%Z' . >/dev/null 2>&1; then set -- -c '%Z %Y %s %n'; else set -- -f '%c %m %z %N'; fi
    for each in ./*/*.jsonl; do [ -f "$each" ] && printf '%s\\n' "$each"; done |
      grep -E "^$file$" | xargs stat -L "$@" 2>/dev/null
  fi | awk -v known="$known" -v folders="\${folders%% *}" -v row="^[0-9.]+ [0-9.]+ [0-9]+ $file$" '
    BEGIN { split(known, part, ":"); since = part[2] + 0 }
    $0 ~ row {
      count++; bytes += $3; times += int($1)
      if ($1 > newest) newest = $1
      if ($1 >= since) fresh[++freshCount] = substr($0, length($1) + 2)
    }
    END {
      state = sprintf("%d:%s:%.0f:%.0f:%s", count, newest ? newest : 0, bytes, times, folders)
      print "~ " state
      if (state != known) for (i = 1; i <= freshCount; i++) print fresh[i]
    }' | sort -r | head -n "$((limit + 1))"
}
`;

/** What looks into the transcripts whose rows come on stdin. A host without perl has none. */
const lookAt = `
hasLook() { perl -e 1 2>/dev/null; }
lookAt() { perl -e '${transcriptLook}' "$nonce" "$budget"; }
`;

/**
 * Arguments: nonce, configuration directory or '', the state of the list of transcripts that the caller has ('' for
 * none), how many to list at most, about how many bytes to tell of them, the proc file system.
 */
export const probeScript = terse(`
${mark}${findBase}${uuidPattern}${listTranscripts}${lookAt}
known=$3 limit=$4 budget=$5 proc=$6
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin

# Both sides of this pipe work at once; what the left one says comes last.
if cd "$base/projects" 2>/dev/null; then
  listTranscripts | {
    read -r tilde state
    rows=$(cat)
    looked=
    [ -n "$rows" ] && [ "$budget" -gt 0 ] && hasLook && looked=looked
    mark transcripts "$state" $looked
    [ -n "$rows" ] && printf '%s\\n' "$rows"
    [ -n "$looked" ] && printf '%s\\n' "$rows" | lookAt
  }
elif [ -e "$base/projects" ]; then
  mark problem "$base/projects cannot be entered"
fi | {
exec 4<&0 </dev/null
uid=$(id -u)

# A stopped tmux server never answers. (It even keeps open what its client writes to: only a mark can tell the end.)
if timeout 1 true 2>/dev/null; then
  limited() { timeout 2 "$@"; }
else
  limited() {
    "$@" & work=$!
    ( sleep 2; kill -9 "$work" ) >/dev/null 2>&1 & watch=$!
    wait "$work"; result=$?
    kill "$watch" 2>/dev/null
    return $result
  }
fi

mark clock; date +%s
mark home; printf %s "$HOME"
mark base; printf %s "$base"
mark self; printf %s "$$"
if [ -e "$proc/self/ns/pid" ]; then
  mark domain
  printf 'linux:%s:%s' "$(cat /etc/machine-id 2>/dev/null)" "$(readlink "$proc/self/ns/pid")"
fi
# The settings may hold secrets: only this one number leaves the host.
mark cleanup
grep -o '"cleanupPeriodDays"[[:space:]]*:[[:space:]]*[0-9]*' "$base/settings.json" 2>/dev/null | head -n 1

pids= waited=
entry() { dd if="$file" bs=65536 count=1 2>/dev/null; }
if cd "$base/sessions" 2>/dev/null; then
  for file in [0-9]*.json; do
    pid=\${file%.json}
    case $pid in *[!0-9]*) continue ;; esac
    [ -f "$file" ] || continue
    # "-" where nothing but the table of processes can tell.
    alive=-
    if [ -d "$proc/self" ]; then alive=0; [ -d "$proc/$pid" ] && alive=1; fi
    mark live "$pid" "$alive"
    text=$(entry)
    # Just being written: one moment for all of them.
    case $alive$waited$text in
      0* | ?1* | *'}') ;;
      *) waited=1; sleep 0.2 2>/dev/null || sleep 1; text=$(entry) ;;
    esac
    printf %s "$text"
    pids="$pids $pid"
  done
  [ -r . ] || mark unread "$base/sessions cannot be read"
elif [ -e "$base/sessions" ] || { [ -d "$base" ] && ! [ -x "$base" ]; }; then
  mark unread "$base/sessions cannot be entered"
fi

findIds='{
  text = substr($0, index($0, " ") + 1)
  # A fork reads the session that it resumes, and holds its own.
  if (text ~ / --fork-session( |$)/) {
    if (!match(text, /--session-id[ =]/)) next
    text = substr(text, RSTART)
  }
  for (n = 0; n < 20 && match(text, uuid); n++) {
    print $1, substr(text, RSTART, 36)
    text = substr(text, RSTART + 36)
  }
}'
if [ -d "$proc/self" ]; then
  naming=$(head -v -c 300000 "$proc"/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' ' |
    awk '/^==> .*\\/[0-9]+\\/cmdline <==$/ { pid = $2; sub(/\\/cmdline$/, "", pid); sub(/.*\\//, "", pid); next } { print pid, $0 }' |
    awk -v uuid="$uuid" "$findIds" | head -n 1000)
else
  naming=$(ps -Aww -o pid= -o args= 2>/dev/null | sed 's/^ *//' | awk -v uuid="$uuid" "$findIds" | head -n 1000)
fi
mark naming; printf '%s\\n' "$naming"

# One line a process: pid parent tty start state command; only those asked for and their ancestors.
ancestors='END {
  count = split(wanted, list, " ")
  for (i = 1; i <= count; i++) {
    pid = list[i]
    for (depth = 0; depth < 64 && (pid in line) && !(pid in done); depth++) {
      done[pid] = 1
      print line[pid]
      pid = parent[pid]
    }
  }
}'
wanted="$$ $pids $(printf '%s\\n' "$naming" | cut -d' ' -f1 | tr '\\n' ' ')"
if [ -d "$proc/self" ]; then
  mark processes ticks
  # What follows the last ") " is regular, whatever the command is called.
  cat "$proc"/[0-9]*/stat 2>/dev/null | awk -v wanted="$wanted" '
    $1 ~ /^[0-9]+$/ && $2 ~ /^\\(/ {
      rest = $0
      if (!sub(/.*\\) /, "", rest)) next
      head = substr($0, 1, length($0) - length(rest) - 2)
      split(rest, field, " ")
      parent[$1] = field[2]
      line[$1] = $1 " " field[2] " " field[5] " " field[20] " " field[1] " " substr(head, index(head, "(") + 1)
    }
    '"$ancestors"
else
  mark processes lstart
  TZ=UTC0 ps -Aww -o pid= -o ppid= -o tty= -o lstart= -o stat= -o comm= 2>/dev/null | awk -v wanted="$wanted" '
    {
      start = $4 "_" $5 "_" $6 "_" $7 "_" $8
      command = $10
      for (i = 11; i <= NF; i++) command = command " " $i
      parent[$1] = $2
      line[$1] = $1 " " $2 " " $3 " " start " " $9 " " command
    }
    '"$ancestors"
fi

if command -v tmux >/dev/null 2>&1; then
  mark tmux; tmux -V
  unset TMUX
  seen= hung=0
  panes() {
    [ -S "$1" ] || return 0
    case $seen in *"|$1|"*) return 0 ;; esac
    seen="$seen|$1|"
    if [ "$hung" -ge 3 ]; then mark problem "tmux server $1 was not asked: others do not answer"; return 0; fi
    mark panes "$1"
    limited tmux -u -S "$1" list-panes -a -F '#{pane_id}|#{pane_pid}|#{pane_tty}|#{pane_dead}|#{pane_dead_status}|#{pane_dead_signal}|#{session_attached}|#{session_windows}|#{session_created}|#{@ts_session}|#{@ts_key}|#{session_name}' 2>/dev/null
    case $? in 124 | 137 | 143) hung=$((hung + 1)); mark problem "tmux server $1 does not answer" ;; esac
  }
  for socket in "\${TMUX_TMPDIR:-/tmp}/tmux-$uid"/*; do panes "$socket"; done
  # A server elsewhere is known by what it told its panes; no other variable leaves the pipe.
  for pid in $pids; do
    socket=$(tr '\\000' '\\n' 2>/dev/null < "$proc/$pid/environ" | grep '^TMUX=/' | head -n 1)
    socket=\${socket#TMUX=}
    panes "\${socket%,*,*}"
  done
fi

cat <&4
}
mark end
`);

/** A script that may use `mark` and `base`. Arguments: nonce, Claude's directory, then its own. */
export const aloneScript = (script: string): string => `${mark}${findBase}
shift 2
${script}
mark end
`;

/** Arguments: nonce, Claude's directory, how many bytes to tell, then rows of transcripts as the probe lists them. */
export const lookScript = terse(`
${mark}${findBase}${lookAt}
budget=$3
shift 3
# No command line may name a session: another look at this account would take it for one that holds the session.
cd "$base/projects" 2>/dev/null && printf '%s\\n' "$@" | lookAt
mark end
`);

/** Bytes of the blocks in which `readScript` counts. */
export const blockSize = 4096;

/** Arguments: nonce, Claude's directory, then for each range: path below `projects`, blocks to skip, blocks to read. */
export const readScript = `
${mark}${findBase}
shift 2
if cd "$base/projects" 2>/dev/null; then
  i=0
  while [ $# -ge 3 ]; do
    mark range $i
    [ -f "$1" ] && dd bs=4096 skip="$2" count="$3" 2>/dev/null < "$1"
    shift 3
    i=$((i + 1))
  done
fi
mark end
`;
