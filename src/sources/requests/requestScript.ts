import { requestsFolder } from '../../model/gate/request/request';
import { terse } from '../claude/probe/probeScript';

/**
 * Reads what sessions ask for on a host, as POSIX sh behind the probe (`mark`). It writes nothing there, and follows
 * neither links nor pipes.
 */

/** Of the newest so many requests a host tells, and of those that are not too old; bytes of each. */
export const requestsListed = 50;
const mostBytes = 16 * 1024;
const oldestSeconds = 60 * 86_400;

/** From `CHANGED MODIFIED SIZE INODE MODE ./ID.json` rows `CHANGED SIZE INODE ID`: nobody can set when a file changed. */
const listed = `
  $5 ~ /^8/ && $3 <= ${mostBytes} && now - $2 < ${oldestSeconds} { print $1, $3, $4, substr($6, 3, 36) }
`;

/**
 * Argument: the digest that the caller has. Answers \`request ID SECONDS\` with each file, since when it is there, and
 * \`requests DIGEST ALL\`, how many there are, or where the digest is the same that heading alone; nothing where the host
 * has no such folder.
 */
export const requestScript = terse(`
known=$1
LC_ALL=C; export LC_ALL
if cd "$HOME/${requestsFolder}" 2>/dev/null; then
  if stat -c %Y . >/dev/null 2>&1; then set -- -c '%Z %Y %s %i %f %n'; else set -- -f '%c %m %z %i %Xp %N'; fi
  rows=$(for file in ./*.json; do
    case $file in
      *[!./0-9a-fjson-]*) ;;
      ./????????-????-????-????-????????????.json) printf '%s\\n' "$file" ;;
    esac
  done | xargs stat "$@" 2>/dev/null | awk -v now="$(date +%s)" '${listed}' | sort -k1,1rn -k4,4 | awk 'NR <= ${requestsListed}; END { print "all", NR }')
  digest=$(printf %s "$rows" | { cksum || md5sum; } 2>/dev/null)
  digest=\${digest%% *}
  if [ "$digest" != "$known" ]; then
    printf '%s\\n' "$rows" | while read -r time size inode id; do
      [ "$id" ] || continue
      mark request "$id" "$time"; head -c ${mostBytes} <"./$id.json" 2>/dev/null
    done
  fi
  mark requests "$digest" "\${rows##*all }"
fi
`);
