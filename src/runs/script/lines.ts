/** POSIX sh: the lines of `run.jsonl`, in whose folder it runs. */

/** Longer texts are cut. Bytes. */
const longestText = 300;

export const lines = `
# The step of a plan that is worked on, from 1: what is noted is noted of it, and what is asked is asked of it.
n=
# $1 as one line that may stand in JSON: no control characters, quotes or backslashes, nobody's password, bounded.
plain() {
  printf %s "$1" | head -c 4000 | tr '[:cntrl:]' ' ' |
    sed "s/\\\\\\\\[nrt]/ /g; s/[\\\\\\\\]*\\"/'/g; s/[\\\\\\\\]//g; s#://[^/@ ]*@#://#g; s/   */ /g; s/^ *//; s/ *$//" |
    awk 'NR == 1 {
      if (length($0) > ${longestText}) {
        text = substr($0, 1, ${longestText})
        # Not half a character.
        while (substr(text, length(text)) > "~" && substr(text, length(text)) < "\\300") text = substr(text, 1, length(text) - 1)
        if (substr(text, length(text)) > "~") text = substr(text, 1, length(text) - 1)
        $0 = text "..."
      }
      printf "%s", $0
    }'
}
# Further fields of a line, from a word and a text.
why() { printf ',"reason":"%s"' "$1"; [ -z "\${2:-}" ] || printf ',"text":"%s"' "$(plain "$2")"; }
append() {
  # A line that was cut off by a full disk stays a line of its own.
  [ ! -s run.jsonl ] || [ -z "$(tail -c 1 run.jsonl)" ] || printf '\\n' >>run.jsonl
  printf '%s\\n' "$1" >>run.jsonl
  [ "$(tail -n 1 run.jsonl)" = "$1" ]
}
# Says that the step $1 is $2, with further fields $3. On a full disk there is a little left for that.
note() {
  of=\${n:+",\\"n\\":$n"}
  [ "$1" != run ] || of=
  line="{\\"at\\":$(date +%s),\\"step\\":\\"$1\\",\\"state\\":\\"$2\\"$of\${3:-}}"
  append "$line" || { rm -f reserve; append "$line"; } || exit 74
  printf '%s %s %s\\n' "$(date +%H:%M:%S)" "$1\${of:+ $n}" "$2" 2>/dev/null
}
isDone() {
  grep "^{\\"at\\":[0-9]*,\\"step\\":\\"$1\\",\\"state\\":\\"done\\"" run.jsonl 2>/dev/null |
    if [ -n "$n" ]; then grep -q "\\"state\\":\\"done\\",\\"n\\":$n[,}]"; else grep -qv '"state":"done","n":'; fi
}
# What was said last of the step of the plan, whatever only began: "implement done", "check failed", "check answered fix" …
standingOfStep() {
  awk -F '"' -v at="^:$n[,}]" '
    $12 != "n" || $13 !~ at { next }
    $10 == "done" || $6 == "check" && $10 != "started" { told = $6 " " $10 ($10 == "answered" ? " " $16 : "") }
    END { print told }' run.jsonl 2>/dev/null
}
# What the run as a whole said last.
standing() { sed -n 's/^{"at":[0-9]*,"step":"run","state":"\\([a-z]*\\)".*/\\1/p' run.jsonl 2>/dev/null | tail -n 1; }
# Whether nothing can be written to the directory $1 any more.
isFull() {
  told=$(dd if=/dev/zero of="$1/.task-sessions-space.$$" bs=4096 count=8 2>&1)
  rm -f "$1/.task-sessions-space.$$"
  case $told in *'No space left'* | *uota\\ exceeded*) return 0 ;; esac
  return 1
}
`;
