/**
 * What becomes of a terminal whose command failed: `again` waits for Enter and runs it anew (it attaches to what goes on
 * without us), `hold` keeps the last screen until Enter, `shell` closes, since a shell hands on its last command's status.
 */
export type WhenFailed = 'again' | 'hold' | 'shell';

/** A cut connection leaves the screen as the other side had it: alternate, with the mouse taken, without a cursor. */
const plainScreen = String.raw`\033[?1049l\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?25h\033[0m`;

const script = `trap 'exit 0' INT
mode=$1; shift
while :; do
  "$@"
  code=$?
  case "$code:$mode" in 0:*) exit 0;; 255:shell) ;; *:shell) exit 0;; esac
  if [ "$mode" = again ]
  then say='The connection ended (status %s); what ran there goes on.\\r\\nPress Enter to connect again.'
  else say='Ended with status %s. Press Enter to close.'
  fi
  printf "${plainScreen}\\r\\n$say\\r\\n" "$code"
  # What waits must not look like a process that holds the session which its words name.
  [ "$mode" = again ] || exec sh -c 'read -r _; exit 0'
  read -r _ || exit 0
done
`;

/** VS Code tells a failed command by a notice with its whole command line; this tells it in the terminal instead. */
export function heldCommand(argv: readonly string[], whenFailed: WhenFailed): string[] {
  // There is no sh to rely on there.
  if (process.platform === 'win32') return [...argv];
  return ['sh', '-c', script, 'sh', whenFailed, ...argv];
}
