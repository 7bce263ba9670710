import { findKept } from '../kept/keptStore';

/**
 * What else names sessions on a host, as POSIX sh behind the probe (`base`, `mark`). Only regular files are opened, by
 * redirection: a command line that names a session would look like a process that holds it.
 */

const look = `
LC_ALL=C; export LC_ALL
# Arguments: number, path, size, bytes of its head, bytes of its tail.
log() {
  if ! [ -f "$2" ]; then :
  elif [ "$3" -le $(($4 + $5)) ]; then mark whole $1; head -c $(($4 + $5)) <"$2"
  else
    mark head $1; head -c $4 <"$2"
    mark tail $1; tail -c $5 <"$2"
  fi
}
# The state of a job carries credentials: only these fields leave the host.
job() {
  [ -f "$2" ] || return 0
  mark job $1
  head -c 65536 <"$2" |
    grep -oE '"(sessionId|name|intent|cwd|state|createdAt|updatedAt)"[[:space:]]*:[[:space:]]*"([^"\\\\]|\\\\.)*"' | head -n 20
}
`;

/** Files of each kind that are listed at most, the newest ones. Copies were each asked for, and are not read. */
export const listedOfKind = { log: 500, job: 500, history: 1, kept: 5000 };
const listed = (kind: string): string =>
  `(${kind} == "kept" ? ${listedOfKind.kept} : ${kind} == "job" ? ${listedOfKind.job} : ${listedOfKind.log})`;

/** Bytes that one look reads of the ends of a log, and of the prompt history. */
export const firstLook = { head: 8 * 1024, tail: 16 * 1024 };
export const historyBytes = 1024 * 1024;
/** So many files are read in the same answer as the list. */
const readAtOnce = 16;

/**
 * Arguments: digest of the list that the caller has and the newest time in it ('' and 0 for none), inode and length of
 * the prompt history that it has read, then globs of logs: what sh expands (`*`, `?`, `[…]`; `**` is no more than
 * `*`), absolute or below the home directory.
 *
 * Answers the digest (count, and sums of sizes, times and line lengths), and where it differs the files that are as
 * new as the newest known, newest first: `kind time size inode path`, kind being log, job, history or kept.
 */
export const traceScript = `
${look}${findKept}
known=$1 since=$2 inode=$3 offset=$4
shift 4
paths() {
  for file in "$base/history.jsonl" "$base"/jobs/*/state.json "$kept"/*/*.jsonl; do
    [ -f "$file" ] && printf '%s\\n' "$file"
  done
  # Without a separator the shell expands a pattern but splits no words.
  IFS=
  for glob in "$@"; do
    case $glob in
      /*) root=/ glob=\${glob#/} ;;
      *) root=\${HOME%/}/ glob=\${glob#'~/'} ;;
    esac
    cd "$root" 2>/dev/null || continue
    for file in $glob; do [ -f "$file" ] && printf '%s\\n' "$root$file"; done
  done
}
names=$(paths "$@")
stats() {
  if [ \${#names} -gt 100000 ]; then printf '%s\\n' "$names" | tr '\\n' '\\000' | xargs -0 stat "$1" "$2"
  else
    ( IFS='
'; set -f; stat "$1" "$2" $names )
  fi 2>/dev/null
}
digest='
  function add() { count++; time += $2; size += $3; width += length($0) }
  function digest() { return sprintf("%d:%.0f:%.0f:%.0f", count, size, time, width) }
'
# In most refreshes stat and awk are all that is started: a process costs a millisecond.
list=same
[ -z "$names" ] && [ "$known" = 0:0:0:0 ] ||
  list=$({ stats -c '%Y %s %i %f %n' || stats -f '%m %z %i %Xp %N'; } | known=$known base=$base kept=$kept awk "$digest"'
    BEGIN { jobs = ENVIRON["base"] "/jobs/"; history = ENVIRON["base"] "/history.jsonl"; kept = ENVIRON["kept"] "/" }
    # Neither links nor pipes, nor a name that could not be given back.
    $1 !~ /^[0-9]+$/ || $4 !~ /^8/ || /[\\001-\\037\\177]/ { next }
    {
      path = $0
      sub(/^[^ ]* [^ ]* [^ ]* [^ ]* /, "", path)
      kind = "log"
      if (path == history) kind = "history"
      else if (index(path, jobs) == 1) kind = "job"
      else if (index(path, kept) == 1) kind = "kept"
      $0 = kind " " $1 " " $2 " " $3 " " path
      if (seen[$0]++) next
      if (++of[kind] > ${listed('kind')}) many = 1
      line[++lines] = $0
      add()
    }
    END {
      if (!many && digest() == ENVIRON["known"]) print "same"
      else for (i = 1; i <= lines; i++) print line[i]
    }')
if [ "$list" = same ]; then changed=$known
else
  changed=$(printf '%s\\n' "$list" | sort -k2,2rn -k1 | known=$known since=$since awk "$digest"'
    NF > 4 && ++of[$1] <= ${listed('$1')} {
      add()
      if ($2 >= ENVIRON["since"] + 0) line[++lines] = $0
    }
    END {
      print digest()
      if (digest() != ENVIRON["known"]) for (i = 1; i <= lines; i++) print line[i]
    }')
fi
mark traces; printf '%s\\n' "$changed"
printf '%s\\n' "$changed" | {
  number=-2 read=0
  while read -r kind time size id path; do
    number=$((number + 1))
    case $kind in
      history)
        from=$((size - ${historyBytes}))
        [ "$id" = "$inode" ] && [ "$offset" -le "$size" ] && [ "$offset" -gt "$from" ] && from=$offset
        [ "$from" -gt 0 ] || from=0
        mark history "$id" "$from"
        tail -c +$((from + 1)) <"$path" | head -c ${historyBytes} ;;
      log | job)
        read=$((read + 1))
        [ $read -le ${readAtOnce} ] && $kind $number "$path" $size ${firstLook.head} ${firstLook.tail} ;;
    esac
  done
}
`;

/** Arguments: for each file kind, path, size, bytes of its head, bytes of its tail. */
export const rereadScript = `
${look}
number=0
while [ $# -ge 5 ]; do
  case $1 in log | job) $1 $number "$2" "$3" "$4" "$5" ;; esac
  number=$((number + 1))
  shift 5
done
`;
