/**
 * POSIX sh: the checks after a step of a plan, command lines of the settings, at the top of the worktree. Each is the
 * leader of a group of its own, which ends with it, and holds the lock `.check`. Needs `check_N`, which become the
 * commands, and `checkLine N`, which prints them.
 */

/** Bytes that are kept of what the checks of a step say: between half of it and all. */
const mostOutput = 524_288;

export const checks = `
passChecks() {
  takeAnswer
  case $(standingOfStep) in
    'check answered skip')
      note check done ',"reason":"skipped"'
      return
      ;;
    'check answered fix') implement fix; stopIfAsked ;;
  esac
  [ "$checks" = 0 ] || runChecks
}

# What a person answered to the check that failed: noted before it is done, so that it is done once whatever is killed.
takeAnswer() {
  [ -f answer ] || return 0
  # A Claude that is still at it would write while we commit.
  awaitEarlier implement
  word= of=
  read -r word of rest <answer
  case $of-$word-$(standingOfStep) in
    # Said before.
    "$n-$word-check answered $word") ;;
    # Also where Claude was asked to fix it, and came to no end with that.
    "$n-fix-check "[fa]* | "$n-skip-check "[fa]* | "$n-again-check answered "*)
      # What it did before does not count as that.
      rm -f claude
      note check answered ",\\"reason\\":\\"$word\\""
      ;;
  esac
  rm -f answer
}

runChecks() {
  : >"check-$n.log"
  note check started
  which=1
  while [ "$which" -le "$checks" ]; do
    runCheck
    which=$((which + 1))
  done
  note check done
}

runCheck() {
  printf '\\n$ %s\\n' "$(checkLine "$which")" >>"check-$n.log"
  while
    endEarlierCheck
    rm -f output checking
    mkfifo output || fail check disk
    keepOutput "check-$n.log" <output &
    keeper=$!
    apart sh "$run/run.sh" check "$which" "$mask" "$language" </dev/null >output 2>&1 &
    child=$!
    findStart "$child" && {
      tagCheck "$child" "$start"
      startWatch watchCheck "$child" "$start"
    }
    wait "$child"
    code=$?
    # What it left behind in its group.
    kill -s KILL -- "-$child" 2>/dev/null
    child=
    endWatch
    # What left that goes on after a check that ended by itself (a build server); not after one that was ended.
    { [ ! -e stalled ] && [ ! -e stop ]; } || endStrays
    tag=
    awaitKeeper
    # That of an earlier runner was faster.
    [ ! -e checking ] && [ "$code" = 75 ]
  do sleep 1; done
  # Nobody has seen yet what came of it: whatever lies there answers something else, or is the check's own.
  rm -f output answer
  stopIfAsked
  [ -e checking ] || case $code in
    96) fail check directory "The directory is gone: $directory" ;;
    *) fail check disk ;;
  esac
  line=$(checkLine "$which")
  last=$(tail -n 20 "check-$n.log" | grep '[^[:space:]]' | tail -n 1)
  [ "$last" != "$ $line" ] || last=
  text="$line\${last:+: $last}"
  printf '%s\\n' "$line" >failing
  if [ -e stalled ]; then
    noteEnd "ended after $((checkSeconds / 60)) minutes"
    fail check timeout "$text"
  fi
  [ "$code" = 0 ] && return
  noteEnd "exit status $code"
  ! isFull . && ! isFull "$directory" || fail check disk
  fail check failed "$text" ",\\"code\\":$code"
}
noteEnd() { printf '\\n[%s]\\n' "$1" >>"check-$n.log"; }

# Becomes the check $1.
becomeCheck() {
  which=$1 mask=$2 language=$3
  findStart $$ || exit 74
  take .check "$$ $start $boot" || exit $((76 - $?))
  tagCheck $$ "$start"
  cd -- "$directory" || exit 96
  # From here on its exit status is the command's own.
  : >"$run/checking" || exit 74
  umask "$mask"
  if [ -n "$language" ]; then LC_ALL=$language; else unset LC_ALL; fi
  "check_$which" "$tag"
}

# One that an earlier runner left works on a worktree that is ours now, and nobody reads what it says.
endEarlierCheck() {
  tries=0 tag=
  while isHeld .check; do
    [ "$tries" -lt 10 ] && signalCheck TERM || signalCheck KILL
    tries=$((tries + 1))
    sleep 1
  done
  endStrays
}
# Ends what a check that was ended has started elsewhere; asks first.
endStrays() {
  tries=0
  while [ "$tries" -lt 10 ] && [ -n "$(findStrays)" ]; do
    if [ "$tries" -lt 3 ]; then signalStrays TERM; else signalStrays KILL; fi
    tries=$((tries + 1))
    sleep 1
  done
}

# Becomes a process with a group and a session of its own, where the host has a program for that.
apart() {
  if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
  perl -MPOSIX -e 1 2>/dev/null && exec perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' "$@"
  exec "$@"
}

# Keeps the end of what comes on stdin in the file $1, as it comes.
keepOutput() {
  while dd bs=65536 count=1 of="$1.piece" 2>/dev/null && [ -s "$1.piece" ]; do
    cat "$1.piece" >>"$1"
    [ "$(bytes "$1")" -lt ${mostOutput} ] || { tail -c ${mostOutput / 2} "$1" >"$1.end" && mv -f "$1.end" "$1"; }
  done
  rm -f "$1.piece"
}
# Somebody who went into a session of his own may hold its other end for ever.
awaitKeeper() {
  tries=0
  while findStart "$keeper"; do
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || kill "$keeper" 2>/dev/null
    sleep 0.2 2>/dev/null || { sleep 1; tries=$((tries + 4)); }
  done
}

# Ends the check $1, begun at $2, when its time is up.
watchCheck() {
  nap=
  trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
  sleep "$checkSeconds" &
  nap=$!
  wait "$nap"
  # Also where the runner is gone meanwhile: nobody else would.
  lives "$1" "$2" "$boot" || exit
  : >stalled
  signalCheck TERM
  sleep 10
  signalCheck KILL
}
`;
