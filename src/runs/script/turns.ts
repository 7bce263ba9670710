/**
 * POSIX sh: the turns of Claude. Needs `processes` and `lines`, the functions `command_STEP` (which become Claude) and
 * `self`, and runs in the run's folder.
 *
 * Claude leaves its process, its log and where its output begins in the file `claude`: PID START BOOT LOG OFFSET. A
 * runner that comes after a killed one waits for it, and takes what it brought to its end.
 */
export const turns = `
# Becomes Claude, for the step $1 (of the plan's step $2): begins the \`session\` of its environment, or resumes it, as $3
# says; $7 is why it is not the one of before. Its prompt comes on stdin.
becomeClaude() {
  step=$1 n=$2 how=$3 offset=$4 mask=$5 language=$6 lost=$7 id=$session
  unset session
  nameLog "$step"
  findStart $$ || exit 74
  take .claude "$$ $start $boot $log $offset" || exit $((76 - $?))
  printf '%s\\n' "$$ $start $boot $log $offset" >".claude.$$" && mv -f ".claude.$$" claude || exit 74
  # Before Claude is there, so that no kill can leave a session that is written nowhere.
  more=",\\"pid\\":$$,\\"start\\":\\"$start\\",\\"how\\":\\"$how\\""
  [ "$step" != implement ] || [ "$id" = "$sessionId" ] || more="$more,\\"session\\":\\"$id\\""
  [ -z "$lost" ] || more="$more,\\"reason\\":\\"$lost\\""
  note "$step" started "$more" >/dev/null
  place=$directory
  [ "$step" != review ] || place=$run/review
  cd -- "$place" || exit 96
  umask "$mask"
  if [ -n "$language" ]; then LC_ALL=$language; else unset LC_ALL; fi
  case $how in
    begin) "command_$step" --session-id "$id" ;;
    *) "command_$step" --resume "$id" ;;
  esac
}

# Sets \`log\`, the name of the logs of the step $1.
nameLog() {
  log=\${n:+step-$n}
  log=\${log:-$1}
}

# Sets \`base\`, Claude's own directory: the account's, as its login shell has it.
findBase() {
  [ -n "$base" ] || base=$(throughLogin sh -c 'printf "\\n%s%s\\n" task-sessions-base: "\${CLAUDE_CONFIG_DIR:-$HOME/.claude}"' |
    sed -n 's/^task-sessions-base://p' | tail -n 1)
  base=\${base:-$HOME/.claude}
}

# Whether the session $1 can be resumed. A file without a conversation, which can be neither begun nor resumed, is put away.
hasConversation() {
  for file in "$base"/projects/*/"$1".jsonl; do
    [ -f "$file" ] || continue
    grep -Eq '"type":"(user|assistant)"' <"$file" && return 0
    mv "$file" "$run/empty-transcript.$(date +%s)"
  done
  return 1
}

# Prints the processes that hold the session $1 or name it. No command line of ours has the id: we would find ourselves.
findHolders() {
  printf '%s\\n' "$1" | grep -liF -f - "$base"/sessions/*.json 2>/dev/null | while IFS= read -r file; do
    pid=\${file##*/} pid=\${pid%.json}
    findStart "$pid" || continue
    ticks=$(tr -d '[:space:]' <"$file" | sed -n 's/.*"procStart":"\\{0,1\\}\\([0-9][0-9]*\\).*/\\1/p')
    [ -d /proc/self ] && [ -n "$ticks" ] && [ "$ticks" != "$start" ] || echo "$pid"
  done
  if [ -d /proc/self ]; then
    printf '%s\\n' "$1" | grep -lizF -f - /proc/[0-9]*/cmdline 2>/dev/null | sed 's#^/proc/##; s#/cmdline$##'
  else
    ps -Aww -o pid= -o args= | id=$1 awk 'index(tolower($0), ENVIRON["id"]) { print $1 }'
  fi
}
isFree() {
  tries=0
  while holders=$(findHolders "$1" | sort -un | tr '\\n' ' '); [ -n "$holders" ]; do
    tries=$((tries + 1))
    # Somebody who only looks for the session is gone in a moment.
    [ "$tries" -lt 5 ] || return 1
    sleep 1
  done
}

bytes() { if [ -f "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi; }

# Reads the answer in the log $1 from byte $2: sets \`answer\` to ok, error or none, \`ended\` to the word for how it ended,
# \`speaker\` to the session and \`saying\` to what was said. By is_error and not by subtype: most errors of the API come as
# a success.
readAnswer() {
  answer=none ended= speaker= saying=
  {
    read -r answer ended speaker
    read -r saying
  } <<END
$(tail -c "+$(($2 + 1))" "$1.jsonl" 2>/dev/null | grep '"type":"result"' | tail -n 5 | awk "$readResult")
END
  case $answer in ok | error) ;; *) answer=none ;; esac
}
# The last line whose own type is "result", not that of something in it: its keys come in any order.
readResult='
function deeper(text, opened) { opened = gsub(/[[{]/, "", text); return opened - gsub(/[]}]/, "", text) }
{
  gsub(/\\\\\\\\/, " "); gsub(/\\\\[nrt]/, " "); gsub(/\\\\"/, "'\\''"); gsub(/\\\\/, "")
  left = $0; depth = 0; key = ""; split("", of)
  while (match(left, /"[^"]*"/)) {
    before = substr(left, 1, RSTART - 1); word = substr(left, RSTART + 1, RLENGTH - 2)
    left = substr(left, RSTART + RLENGTH)
    if (key != "" && before == ":") { of[key] = word; key = ""; continue }
    if (key != "" && match(before, /^:[a-z0-9]+/)) of[key] = substr(before, 2, RLENGTH - 1)
    depth += deeper(before)
    key = depth == 1 && left ~ /^:/ ? word : ""
  }
  if (key != "" && match(left, /^:[a-z0-9]+/)) of[key] = substr(left, 2, RLENGTH - 1)
  if (of["type"] == "result") {
    reason = of["terminal_reason"] ~ /^[a-z_]+$/ ? of["terminal_reason"] : "result"
    id = of["session_id"] ~ /^[0-9A-Fa-f-]+$/ ? of["session_id"] : "none"
    answer = (of["is_error"] == "false" ? "ok" : "error") " " reason " " id "\\n" substr(of["result"], 1, 2000)
  }
}
END { print answer }'

# Ends the Claude $1, begun at $2, with the log $3 when it has written nothing for so long: a request hangs, and nobody is
# there to see it. It counts its own naps, since a machine that slept has not waited.
watch() {
  nap=
  trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
  quiet=0 before=
  while [ "$quiet" -lt 4 ]; do
    sleep "$((silence / 4))" &
    nap=$!
    wait "$nap"
    lives $self && lives "$1" "$2" "$boot" || exit
    size=$(bytes "$3.jsonl")/$(bytes "$3.err")
    if [ "$size" = "$before" ]; then quiet=$((quiet + 1)); else quiet=0 before=$size; fi
  done
  : >stalled
  kill "$1"
  sleep 10
  ! lives "$1" "$2" "$boot" || kill -s KILL "$1"
}
watcher=
# Has the command that is given look after something; it leaves the file \`stalled\` where it ended that.
startWatch() {
  rm -f stalled
  "$@" </dev/null >/dev/null 2>&1 &
  watcher=$!
}
endWatch() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
  watcher=
}

# Waits for a Claude of this run that an earlier runner left. True if it has done the step $1.
awaitEarlier() {
  nameLog "$1"
  while readProcess claude && lives "$pid" "$began" "$booted"; do
    note "$1" started ",\\"pid\\":$pid,\\"start\\":\\"$began\\""
    startWatch watch "$pid" "$began" "$log"
    while lives "$pid" "$began" "$booted"; do sleep 1; done
    endWatch
    [ ! -e stalled ] || fail "$1" silent
  done
  readProcess claude && [ "\${rest% *}" = "$log" ] || return 1
  readAnswer "$log" "\${rest#* }"
  [ "$answer" = ok ]
}

# Has Claude do the step $1 in the session $2, by the prompt that the command behind them prints; it may look at \`how\`.
# False where no good answer came: \`answer\`, \`ended\`, \`saying\`, \`code\`, \`log\` and \`complaints\` tell more.
attempt() {
  step=$1 session=$2
  shift 2
  until awaitEarlier "$step"; do
    stopIfAsked
    findBase
    isFree "$session" || fail "$step" busy "process \${holders% }"
    offset=$(bytes "$log.jsonl") complaints=$(bytes "$log.err")
    how=begin
    hasConversation "$session" && how=resume
    "$@" >prompt || fail "$step" disk
    session=$session sh "$run/run.sh" turn "$step" "$n" "$how" "$offset" "$mask" "$language" "$lost" \\
      <prompt >>"$log.jsonl" 2>>"$log.err" &
    child=$!
    findStart "$child" && startWatch watch "$child" "$start" "$log"
    wait "$child"
    code=$?
    child=
    endWatch
    # That of an earlier runner was faster.
    [ "$code" = 75 ] && { sleep 1; continue; }
    stopIfAsked
    readAnswer "$log" "$offset"
    [ "$answer" = ok ] || return 1
    break
  done
  [ "$speaker" = "$session" ] || fail "$step" otherSession "Claude answered in the session $speaker."
}
lost=

# Says why the last attempt failed. So did the run.
giveUp() {
  [ ! -e stalled ] || fail "$step" silent
  exited=",\\"code\\":$code"
  [ "$answer" != error ] || fail "$step" "$ended" "$saying" "$exited"
  said=$(tail -c "+$((complaints + 1))" "$log.err" 2>/dev/null | tail -n 1)
  case $code in
    74) fail "$step" disk ;;
    96) fail "$step" directory "The directory is gone: $directory" "$exited" ;;
    126 | 127) fail "$step" noClaude "$said" "$exited" ;;
  esac
  isFull . && fail "$step" disk
  [ "$code" -gt 128 ] && fail "$step" killed "\${said:-ended by signal $((code - 128))}" "$exited"
  fail "$step" noResult "$said" "$exited"
}

# As \`attempt\`. Returns when it is done; else the run ends.
turn() { attempt "$@" || giveUp; }
# The prompt in the file $1; a session that was at it already is told so.
anew() {
  [ "$how" = begin ] || printf '%s\\n\\n' "$again"
  cat "$1"
}
`;
