import { findStartScript } from '../../hosts/processStart';

/**
 * POSIX sh: who a process is, and locks that go with their process.
 *
 * A process is told from a later one of the same number by its start, and both from those before a reboot by the boot:
 * `PID START BOOT` (ticks and the boot id on Linux; elsewhere the time that ps tells, and the boot's own).
 *
 * A lock is the newest generation `NAME.gN`: linked into place by one alone, held as long as its process lives, and
 * never released, so that none can be taken for free by somebody who looked a moment too early. Nothing goes stale.
 *
 * What a check starts carries a tag in its environment, by which it is known as ours wherever it went: into a group or a
 * session of its own, or to init. Where there is no /proc, nothing tells that.
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
tag=
# Sets \`tag\` to that of the check $1, begun at $2. In the run's folder, whose name is the run's id.
tagCheck() { tag=TASK_SESSIONS_CHECK=\${PWD##*/}.$1.$2; }
# Prints our own processes that carry the tag and are not in the group of their check.
findStrays() {
  { [ -n "$tag" ] && [ -d "$proc/self" ]; } || return 0
  leader=\${tag%.*} leader=\${leader##*.}
  grep -lzxF -e "$tag" "$proc"/[0-9]*/environ 2>/dev/null | while IFS= read -r file; do
    file=\${file%/environ}
    stat=$(cat "$file/stat" 2>/dev/null) && [ -O "$file" ] || continue
    set -- \${stat##*') '}
    [ "$3" = "$leader" ] || echo "\${file##*/}"
  done
}
# Each is looked at once more: its number may be another's by now.
signalStrays() {
  for stray in $(findStrays); do
    grep -qzxF -e "$tag" "$proc/$stray/environ" 2>/dev/null && kill -s "$1" "$stray" 2>/dev/null
  done
}
# Sends the signal $1 to the check of this run that lives, with all that it has started; later to what is left of that.
signalCheck() {
  if isHeld .check; then
    tagCheck "$pid" "$began"
    kill -s "$1" -- "-$pid" 2>/dev/null || kill -s "$1" "$pid" 2>/dev/null
  elif [ -z "$tag" ]; then return 1; fi
  signalStrays "$1"
  return 0
}
`;
