import { findBase } from '../probe/probeScript';
import { findKept } from './keptStore';

/**
 * POSIX-sh texts that copy a transcript to our store on its host and back. Arguments: nonce, Claude's directory, a glob
 * of the session's id in any case of letters. Everything is written beside its place and renamed when whole.
 */
const begin = `
nonce=$1
mark() { printf '\\n%s %s\\n' "$nonce" "$*"; }
${findBase}${findKept}
id=$3
umask 077
LC_ALL=C; export LC_ALL
temporary=ts-tmp-$nonce
size() { wc -c <"$1" | tr -d ' '; }
# True if the first file, of that size, is the beginning of the other one.
begins() { [ "$2" -le "$(size "$3")" ] && head -c "$2" <"$3" | cmp -s - "$1"; }
# What must stay free, in KiB: nobody's disk is filled by a copy.
reserve=65536
# Arguments: folder to write to, file and folder to be written. Says so and fails where they find no room.
room() {
  need=$(du -sk "$2" "$3" 2>/dev/null | awk '{ all += $1 } END { print all + 0 }')
  free=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')
  # A container may not know of its disk; then the copy itself tells.
  case $free in '' | *[!0-9]*) return 0 ;; esac
  [ $((need + reserve)) -le "$free" ] && return
  mark full "$need" "$free"
  return 1
}
# Copies a folder's files that are new or newer: links, pipes and devices stay behind, and names that a line cannot hold.
# With a third word only new ones.
folder() {
  ( cd "$1" && find . -type d | while IFS= read -r path; do
      case $path in . | ./*) [ ! -d "$path" ] || mkdir -p "$2/$path" || exit 1 ;; esac
    done &&
    find . -type f | head -n 5000 | while IFS= read -r path; do
      case $path in ./*) [ -f "$path" ] || continue ;; *) continue ;; esac
      if [ -e "$2/$path" ]; then
        [ -z "$3" ] && [ "$path" -nt "$2/$path" ] || continue
      fi
      cat <"$path" >"$2/$path.$temporary" || exit 1
      [ -n "$3" ] || touch -r "$path" "$2/$path.$temporary"
      mv -f "$2/$path.$temporary" "$2/$path" || exit 1
    done )
}
`;

/** Answers `kept HOW SIZE` with the path below the store, for each project that holds the session; or what was in the way. */
export const keepScript = `${begin}
keep() {
  from=\${1%/*} name=\${1##*/} to=$kept/$2
  name=\${name%.jsonl}
  mkdir -p "$to" && chmod 700 "$kept" "$to" || return
  room "$to" "$1" "$from/$name" || return
  # What is appended while we copy makes the copy older than the transcript, never newer.
  new=$to/.$temporary
  touch -r "$1" "$new.time" || return
  size=$(size "$1")
  head -c "$size" <"$1" >"$new" || return
  if [ "$(size "$new")" != "$size" ]; then mark changed; return; fi
  touch -r "$new.time" "$new"
  if [ -d "$from/$name" ]; then folder "$from/$name" "$to/$name" '' || return; fi
  old=$to/$name.jsonl had=$new.had how=new
  if [ -f "$old" ]; then
    # Another window may replace it meanwhile: this name stays with what is compared.
    ln "$old" "$had" 2>/dev/null || had=$old
    kept_size=$(size "$had")
    if begins "$had" "$kept_size" "$new"; then
      how=updated
      [ "$kept_size" != "$size" ] || how=unchanged
    elif begins "$new" "$size" "$had"; then
      mark kept longer "$kept_size"; printf %s "$2/$name.jsonl"
      return
    else
      # Another conversation under the same id: both stay.
      how=both number=1
      while [ -e "$old.$number" ]; do number=$((number + 1)); done
      ln "$had" "$old.$number" 2>/dev/null || mv "$had" "$old.$number" || return
    fi
    [ "$had" = "$old" ] || [ "$had" -ef "$old" ] || { mark busy; return; }
  fi
  mv -f "$new" "$old" || return
  mark kept $how "$size"; printf %s "$2/$name.jsonl"
}
# What was interrupted long ago.
[ -d "$kept" ] && find "$kept" -name '*ts-tmp-*' -type f -mtime +1 -exec rm -f {} +
for file in "$base"/projects/*/$id.jsonl; do
  [ -f "$file" ] || continue
  slug=\${file%/*} slug=\${slug##*/}
  case $slug in *[!A-Za-z0-9-]*) continue ;; esac
  mark found
  keep "$file" "$slug" || mark failed
  rm -f "$kept/$slug/.$temporary" "$kept/$slug/.$temporary.time" "$kept/$slug/.$temporary.had"
done
mark end
`;

/** Answers `back` with the path, or what was in the way. The newest copy, where several projects had the session. */
export const putBackScript = `${begin}
back() {
  from=\${1%/*} name=\${1##*/} to=$base/projects/\${from##*/}
  name=\${name%.jsonl}
  mkdir -p "$to" || return
  room "$to" "$1" "$from/$name" || return
  # A fresh time: Claude deletes what was quiet for long.
  new=$to/.$temporary
  cat <"$1" >"$new" || return
  [ "$(size "$new")" = "$(size "$1")" ] || return
  if [ -d "$from/$name" ]; then folder "$from/$name" "$to/$name" new || return; fi
  # Both refuse where somebody has just made one.
  if ! ln "$new" "$to/$name.jsonl" 2>/dev/null; then
    if [ -e "$to/$name.jsonl" ]; then mark late; printf %s "$to/$name.jsonl"; return; fi
    ( set -C; cat <"$new" >"$to/$name.jsonl" ) || return
  fi
  mark back; printf %s "$to/$name.jsonl"
}
there= newest=
for file in "$base"/projects/*/$id.jsonl; do [ -e "$file" ] && there=$file; done
for file in "$kept"/*/$id.jsonl; do
  [ -f "$file" ] || continue
  if [ -z "$newest" ] || [ "$file" -nt "$newest" ]; then newest=$file; fi
done
if [ -n "$there" ]; then mark there; printf %s "$there"
elif [ -n "$newest" ]; then
  slug=\${newest%/*} slug=\${slug##*/}
  back "$newest" || mark failed
  rm -f "$base/projects/$slug/.$temporary"
fi
mark end
`;

/** Answers `dropped` for each copy, older ones of the same name included. */
export const dropScript = `${begin}
for file in "$kept"/*/$id.jsonl "$kept"/*/$id.jsonl.[0-9]* "$kept"/*/$id; do
  [ -e "$file" ] || continue
  rm -rf "$file" && mark dropped
  rmdir "\${file%/*}" 2>/dev/null
done
mark end
`;
