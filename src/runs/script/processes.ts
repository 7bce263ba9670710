import { findStartScript } from '../../hosts/processStart';

/**
 * POSIX sh: who a process is, and locks that go with their process.
 *
 * A process is told from a later one of the same number by its start, and both from those before a reboot by the boot:
 * `PID START BOOT` (ticks and the boot id on Linux; elsewhere the time that ps tells, and the boot's own).
 *
 * A lock is the newest generation `NAME.gN`: linked into place by one alone, held as long as its process lives, and
 * never released, so that none can be taken for free by somebody who looked a moment too early. Nothing goes stale.
 */
export const processes = `
findBoot() {
  boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid 2>/dev/null)
  boot=\${boot:-none}
}
proc=/proc
${findStartScript}
# Whether the process PID START BOOT lives.
lives() {
  [ -n "\${3:-}" ] && [ "$3" = "$boot" ] && findStart "$1" && [ "$start" = "$2" ]
}
# Reads PID START BOOT and what follows from the file $1.
readProcess() {
  pid= began= booted= rest=
  { read -r pid began booted rest <"$1"; } 2>/dev/null
  [ -n "$booted" ]
}
newest() {
  generation=0
  for file in "$1".g*; do
    number=\${file##*.g}
    case $number in '' | *[!0-9]*) continue ;; esac
    [ "$number" -le "$generation" ] || generation=$number
  done
}
isHeld() {
  newest "$1"
  [ "$generation" -gt 0 ] && readProcess "$1.g$generation" && lives "$pid" "$began" "$booted"
}
# Takes the lock $1 for the process $2: 1 where somebody has it, 2 where it cannot be written.
take() {
  while ! isHeld "$1"; do
    before=$generation after=$((generation + 1))
    printf '%s\\n' "$2" >"$1.$$" || { rm -f "$1.$$"; return 2; }
    ln "$1.$$" "$1.g$after" 2>/dev/null
    linked=$?
    rm -f "$1.$$"
    [ "$linked" = 0 ] || { [ -e "$1.g$after" ] && continue; return 2; }
    newest "$1"
    if [ "$generation" = "$after" ]; then
      rm -f "$1.g$before"
      return 0
    fi
    # A later one came while we thought that this generation was free.
    rm -f "$1.g$after"
  done
  return 1
}
# Sends the signal $1 to the check of this run that lives, with all that it has started.
signalCheck() {
  isHeld .check || return 1
  kill -s "$1" -- "-$pid" 2>/dev/null || kill -s "$1" "$pid" 2>/dev/null
}
`;
