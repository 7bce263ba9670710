import { findStartScript } from '../../hosts/processStart';
import { runsFolder } from '../../model/run/folder';
import { terse } from '../claude/probe/probeScript';

/**
 * Reads the folders of runs on a host, as POSIX sh behind the probe (`mark`). It writes nothing there, and follows
 * neither linked folders nor linked files.
 */

/** Of the newest so many runs a host tells. */
export const runsListed = 200;
/** Bytes read of a file: of an order the whole or nothing, of the others the end; and the most told of a turn's log. */
const most = { order: 256 * 1024, lines: 128 * 1024, log: 256 * 1024, result: 64 * 1024 };
/** About so many bytes are told in one answer. */
const answerBytes = 8 * 1024 * 1024;

/** Steps of a plan, at most (model/run/order). */
export const longestPlan = 100;

/** Turns of Claude, each with a log; those of an implementation have `step-1.jsonl` and so on. */
export const turnSteps = ['analysis', 'documents', 'review'] as const;
const logs = turnSteps.map((step) => `${step}.jsonl`);
const files = ['run.json', 'run.jsonl', 'runner', 'claude', 'settled', ...logs];

/**
 * The last result in a stream-json log, and Claude's last word that it tries the API again, where nothing came of it
 * yet. Another turn makes both of no account. Of a result that is too long only the verdict is told.
 */
const logEnd = `
  /^\\{"type":"(assistant|user)"/ { if (/^\\{"type":"assistant"/) retry = ""; next }
  /^\\{"type":"system","subtype":"init"/ { retry = result = ""; next }
  /^\\{"type":"system","subtype":"api_retry"/ { if (length($0) < 2000) retry = $0; next }
  /[,{]"type":"result"[,}]/ {
    retry = ""
    result = $0
    if (length(result) > ${most.result}) {
      match(result, /[,{]"is_error":(true|false)/)
      result = RSTART ? "{\\"type\\":\\"result\\"," substr(result, RSTART + 1, RLENGTH - 1) "}" : ""
    }
  }
  END { if (result != "") print result; if (retry != "") print retry }
`;

/** From \`TIME SIZE INODE MODE ./ID[/FILE]\`, a row for each run: \`TIME ID DIGEST BYTES LOG:SIZE:TIME…\`. */
const rows = `
  {
    split($5, part, "/")
    id = part[2]; file = part[3]
    if (file == "") { if ($4 ~ /^4/) folder[id] = 1; next }
    # Neither links nor pipes.
    if ($4 !~ /^8/) next
    if (file == "run.json") ordered[id] = 1
    if ($1 > time[id]) time[id] = $1
    for (i = 1; i <= 3; i++) hash[id] = (hash[id] * 65599 + $i % 4294967291) % 4294967291
    bytes[id] += $2 < ${most.lines} ? $2 : ${most.lines}
    if (sub(/[.]jsonl$/, "", file) && file != "run") logs[id] = logs[id] " " file ":" $2 ":" $1
  }
  END { for (id in ordered) if (id in folder) print time[id], id, hash[id], bytes[id] logs[id] }
`;

/** What is to be looked at of them, and what the caller knows of runs that are not there. */
const changes = `
  BEGIN {
    count = split(ENVIRON["known"], words, " ")
    for (i = 1; i <= count; i++) { split(words[i], part, ":"); digest[part[1]] = part[2]; life[part[1]] = part[3] }
  }
  NR <= ${runsListed} {
    first = substr($2, 1, 8)
    there[first] = 1
    known = digest[first] == $3 ? life[first] : "?"
    # What does not live stays so while no file of it changes.
    if (known !~ /[1?]/) next
    $1 = ""
    print "look " known $0
  }
  END {
    for (first in digest) if (!(first in there)) print "gone " first
    print "count " NR
  }
`;

/**
 * Arguments: what the caller knows, words \`FIRST8:DIGEST:LIFE\`; the id of the one run that is asked for, or ''.
 *
 * Answers for each run that is new or differs \`run ID DIGEST LIFE\` with its order, and behind it \`run-lines COUNT\`,
 * \`run-settled\` and \`run-log STEP SIZE TIME\`; \`run-gone FIRST8\` for one that is not there any more; \`run-more\` where
 * the answer grew too long and is to be asked for again; then \`runs COUNT\` with the path of the folder. LIFE has a sign
 * for the runner and one for Claude: 1 lives, 0 does not, r was before the host was started anew, - is not noted.
 * A run that is as the caller knows it costs nothing, and neither does a host that has none.
 */
export const runScript = terse(`
known=$1 only=$2 proc=\${proc:-/proc} runs=$HOME/${runsFolder}
LC_ALL=C; export LC_ALL
${findStartScript}
isFile() { [ -f "$1" ] && ! [ -L "$1" ]; }
lives() {
  pid= began= booted=
  if ! isFile "$1"; then life=$life-; return; fi
  read -r pid began booted others <"$1"
  case $pid in '' | *[!0-9]*) life=\${life}0; return ;; esac
  if [ "$boot" ] && [ "$booted" ] && [ "$booted" != "$boot" ]; then life=\${life}r
  elif [ "$began" ] && findStart "$pid" && [ "$start" = "$began" ]; then life=\${life}1
  else life=\${life}0
  fi
}
# Arguments: id, digest, then its logs.
tell() {
  cd "$1" 2>/dev/null || return 0
  mark run "$1" "$2" "$life"; head -c ${most.order} <run.json
  if isFile run.jsonl; then mark run-lines $(wc -l <run.jsonl); tail -c ${most.lines} <run.jsonl; fi
  if isFile settled; then mark run-settled; head -c 1000 <settled; fi
  shift 2
  for log in "$@"; do
    step=\${log%%:*} of=\${log#*:}
    isFile "$step.jsonl" || continue
    mark run-log "$step" "\${of%:*}" "\${of#*:}"; tail -c ${most.log} <"$step.jsonl" | awk '${logEnd}'
  done
  cd "$runs"
}
if cd "$runs" 2>/dev/null; then
  boot=
  [ -r "$proc/sys/kernel/random/boot_id" ] && read -r boot <"$proc/sys/kernel/random/boot_id"
  if stat -c %Y . >/dev/null 2>&1; then set -- -c '%Y %s %i %f %n'; else set -- -f '%m %z %i %Xp %N'; fi
  for run in ./\${only:-*}; do
    case $run in
      *[!./0-9a-f-]*) ;;
      ./????????-????-????-????-????????????)
        printf '%s\\n' "$run"; printf "$run/%s\\n" ${files.join(' ')}
        # Steps go in order: the log of the last is the one that grows.
        step=1
        while [ $step -lt ${longestPlan} ] && [ -e "$run/step-$((step + 1)).jsonl" ]; do step=$((step + 1)); done
        printf '%s\\n' "$run/step-$step.jsonl" ;;
    esac
  done | xargs stat "$@" 2>/dev/null | awk '${rows}' | sort -k1,1rn -k2,2 | known=$known awk '${changes}' | {
    told=0 more=
    while read -r what was id digest bytes logs; do
      case $what in
        look)
          life=; lives "$id/runner"; lives "$id/claude"
          [ "$life" = "$was" ] && continue
          if [ $told -gt ${answerBytes} ]; then more=1; continue; fi
          told=$((told + bytes))
          tell "$id" "$digest" $logs ;;
        gone) mark run-gone "$was" ;;
        count) [ "$more" ] && mark run-more; mark runs "$was"; printf %s "$runs" ;;
      esac
    done
  }
fi
`);
