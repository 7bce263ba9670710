/**
 * POSIX sh: works through the steps of a plan, all in one session as long as that can be resumed. Needs `turns`,
 * `publish`, `checks`, `fence`, and `titleOf N`. Where it is, and in which session, is told by `run.jsonl` alone.
 */

/** Claude's transcripts go by themselves after so many days, unless the account says otherwise. */
const transcriptDays = 30;

/** Further sessions that a step is tried in, before the run fails. */
const mostMoves = 2;

export const plan = `
buildPlan() {
  n=1
  while [ "$n" -le "$steps" ]; do
    isDone commit || buildStep
    n=$((n + 1))
  done
  n=
  # Claude may have found in each step that it cannot be done, and said so: that is not to be reviewed as done.
  ! git_ diff --quiet --no-ext-diff --no-textconv "$basis" "refs/heads/$branch" -- || fail implement nothing
}
buildStep() {
  moves=0 undone=
  # The worktree was made again: what was done of this step went with the one before.
  [ ! -e remade ] || { undone=1; awaitEarlier implement; rm -f claude; }
  { [ -z "$undone" ] && isDone implement; } || implement step
  rm -f remade
  stopIfAsked
  { [ -z "$undone" ] && isDone check; } || passChecks
  stopIfAsked
  findSession
  message="$key: Step $n: $(titleOf "$n")

Step: $n of $steps
Session ID: $session"
  ! isSkipped || message="$message
Check: skipped"
  commitWork -A
  stopIfAsked
  # So that little is lost with the host; what fails here is told at the end.
  gitSeconds=120
  ! push || notePush
  gitSeconds=
  stopIfAsked
}

isSkipped() { grep -q "\\"step\\":\\"check\\",\\"state\\":\\"done\\",\\"n\\":$n,\\"reason\\":\\"skipped\\"" run.jsonl; }

# Has Claude work on the step, or mend it after its check failed, as $1 says: step or fix.
implement() {
  findBase
  findSession
  lost=
  if ! awaitEarlier implement; then
    [ -z "$used" ] || hasConversation "$session" || loseSession "$used"
  fi
  until attempt implement "$session" compose "$1"; do
    why=$(whyLost) || giveUp
    loseSession "$why"
  done
  note implement done
}

# Sets \`session\`, in which the plan is worked on, and \`used\`, where a turn was brought to its end there: the word for what
# has become of it if its transcript is gone.
findSession() {
  set -- $(awk -F '"' '
    $6 != "implement" { next }
    { at = $3 }
    $10 == "started" && /"how":/ {
      current = match($0, /"session":"[0-9a-f-]+"/) ? substr($0, RSTART + 11, RLENGTH - 12) : ""
    }
    $10 == "done" { done[current] = 1 }
    END {
      gsub(/[^0-9]/, "", at)
      print at + 0, (current in done ? "used" : "new"), current
    }' run.jsonl)
  session=\${3:-$sessionId} used=
  [ "$2" = new ] || used=missing
  [ -z "$used" ] || [ $((($(date +%s) - $1) / 86400)) -lt "$(keptDays)" ] || used=expired
}
# After so many days Claude takes transcripts away, by the account's own word.
keptDays() {
  days=$(grep -o '"cleanupPeriodDays"[[:space:]]*:[[:space:]]*[0-9]\\{1,6\\}' "$base/settings.json" 2>/dev/null | head -n 1)
  days=\${days##*[!0-9]}
  echo "\${days:-${transcriptDays}}"
}

# Goes on in the next session, since the one of before is $1; or the run ends.
loseSession() {
  lost=$1 moves=$((moves + 1)) found=
  [ "$moves" -gt ${mostMoves} ] || for one in "$sessionId" $spares; do
    [ -z "$found" ] || { session=$one; return; }
    [ "$one" != "$session" ] || found=1
  done
  case $lost in
    contextFull) fail implement prompt_too_long "$saying" ;;
    *) fail implement missing "The conversation cannot be resumed, and there is no further one to go on in." ;;
  esac
}

# Why the session cannot go on after the last attempt, in a word; false where that is not what was wrong.
whyLost() {
  case $ended-$saying in
    prompt_too_long-* | *-[Pp]'rompt is too long'* | *'exceed context limit'*) echo contextFull; return ;;
  esac
  tail -c "+$((complaints + 1))" "$log.err" 2>/dev/null | grep -q 'No conversation found' && echo missing
}

# Whether the turn that is due had been begun before.
wasBegun() {
  awk -F '"' -v at="^:$n[,}]" '
    $12 != "n" || $13 !~ at { next }
    $6 == "implement" { begun = $10 != "done" }
    $10 == "answered" { begun = 0 }
    END { exit !begun }' run.jsonl
}

# Prints the prompt of a turn: of the step, or to fix it, as $1 says.
compose() {
  if [ "$how" = begin ] && [ "$session" != "$sessionId" ]; then
    cat prompts/continuation.md
    git_ -c log.showSignature=false log --reverse --max-count=50 --format='%h %s' "$basis..refs/heads/$branch" -- |
      awk '{ print substr($0, 1, 200) }' | fence commits 'the commits so far'
    cat "prompts/step-$n.md"
  else
    [ "$how" = begin ] || { [ ! -e remade ] && ! wasBegun; } || printf '%s\\n\\n' "$again"
    [ "$1" != step ] || cat "prompts/step-$n.md"
  fi
  [ "$1" = step ] || {
    cat prompts/fix.md
    printf '\\nThe command: %s\\n' "$(sed 's/@/＠/g' failing)"
    fence output 'the end of what it said' <"check-$n.log"
  }
}
`;
