import { pathScript, scrubScript } from '../environment';

/**
 * Starts the words after `$1` in the directory `$1`, without the leftovers that the server may have.
 * tmux's own `-c` expands `#(…)` and, where the directory is missing, silently takes another.
 */
export const startInDirectory = `cd -- "$1" || exit 96
shift
${scrubScript()}
exec "$@"`;

/** A TERM that this machine does not know (kitty, ghostty) would be refused by tmux. */
const usableTerm = `infocmp "\${TERM:-}" >/dev/null 2>&1 && [ "\${TERM:-dumb}" != dumb ] || TERM=xterm-256color
export TERM
unset TMUX TMUX_PANE`;

/** Of a session that only lends its windows to somebody who looks on. */
export const viewPrefix = 'task-sessions-view-';

/** `$1` socket name, `$2` session, `$3…` flags of attach-session. */
export const attachScript = `${pathScript}
${usableTerm}
socket=$1 session=$2
shift 2
exec tmux -u -L "$socket" attach-session "$@" -t "=$session"`;

/**
 * `$1` socket path, `$2` pane, `$3…` flags. Where somebody looks at that session already, we look through one of
 * our own that shares its windows and goes when we go: choosing the window would switch it under their eyes.
 */
export const attachPaneScript = `${pathScript}
${usableTerm}
socket=$1 pane=$2
shift 2
where=$(tmux -u -S "$socket" display-message -p -t "$pane" '#{session_attached} #{session_id} #{window_id}' 2>/dev/null)
case $where in
  '0 $'*) exec tmux -u -S "$socket" attach-session "$@" -t "$pane" ;;
  [0-9]*' $'*' @'*) ;;
  *) echo "The tmux pane $pane is gone." >&2; exit 1 ;;
esac
window=\${where##* } session=\${where#* } session=\${session%% *} view=${viewPrefix}$$
tmux -u -S "$socket" new-session -d -s "$view" -t "$session" || exit 1
tmux -u -S "$socket" select-window -t "=$view:$window"
tmux -u -S "$socket" attach-session "$@" -t "=$view" \\; set-option -t "=$view:" destroy-unattached on && exit
code=$?
tmux -u -S "$socket" kill-session -t "=$view" 2>/dev/null
exit "$code"`;

/**
 * Ends the session `$2` on the socket `$1` and waits until its processes are gone; one that ignores the hang-up
 * is ended harder. Exit 1 with tmux's own words where there is none.
 */
export const killScript = `panes=$(tmux -u -L "$1" list-panes -s -t "=$2" -F '#{pane_pid}') || exit 1
tmux -u -L "$1" kill-session -t "=$2" || exit 1
for signal in - - - - - - - - TERM - - - - - - - - KILL -; do
  left=
  for pid in $panes; do
    kill -s 0 "$pid" 2>/dev/null || continue
    left=1
    [ "$signal" = - ] || kill -s "$signal" -- "-$pid" 2>/dev/null
  done
  [ -n "$left" ] || exit 0
  sleep 0.1 2>/dev/null || sleep 1
done`;
