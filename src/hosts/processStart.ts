/**
 * POSIX sh: `findStart PID` sets `start`, which tells a process from a later one of the same number: clock ticks since
 * boot on Linux, elsewhere the time that ps says, blanks as `_`. Fails for one that has ended, buried or not. Whoever
 * notes a process and whoever looks for it later use this one. `proc` names the place of /proc.
 */
export const findStartScript = `findStart() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  if [ -d "$proc/self" ]; then
    stat=$(cat "$proc/$1/stat" 2>/dev/null) || return 1
    # What follows the last ") " is regular, whatever the command is called.
    set -- \${stat##*') '}
    case \${1:-Z} in Z | X) return 1 ;; esac
    start=\${20}
  else
    case $(ps -o stat= -p "$1" 2>/dev/null) in '' | *Z*) return 1 ;; esac
    start=$(TZ=UTC0 ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _)
  fi
  [ -n "$start" ]
}`;
