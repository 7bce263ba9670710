/** POSIX sh: the documents of a run, `$docs` in the worktree. Needs `eachName COMMAND…`, which runs it for each name. */
export const documents = `
isInside() {
  real=$(cd -P -- "$1" 2>/dev/null && pwd -P) || return 1
  case $real/ in "$worktree"/*) return 0 ;; esac
  return 1
}
# Whether the file $1 may be published: a regular one with content.
isWritten() { [ -f "$1" ] && [ ! -L "$1" ] && [ -s "$1" ]; }
# The same of a document, which has to lie in the worktree, whatever links lead there.
isThere() { isWritten "$docs/$1" && isInside "$docs"; }

quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\\\"]/\\\\&/g')"; }
addMissing() { isThere "$1" || missing="$missing\${missing:+,}$(quoted "$1")"; }
addPresent() { isThere "$1" && present="$present\${present:+,}$(quoted "$1")"; }
findMissing() { missing=; eachName addMissing; [ -n "$missing" ]; }

# The prompt $1, with none of the listed files that are there already.
askFor() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "- $docs/"*) isThere "\${line#"- $docs/"}" && continue ;;
    esac
    printf '%s\\n' "$line"
  done <"$1"
}

checkDocuments() {
  awaitEarlier documents
  if findMissing; then
    note documents missing ",\\"names\\":[$missing]"
    askFor prompts/documents.md >missing.md || fail documents disk
    turn documents "$sessionId" cat missing.md
  fi
  if findMissing; then
    isFull "$directory" && fail documents disk
    fail documents missing '' ",\\"names\\":[$missing]"
  fi
  present=; eachName addPresent
  note documents done ",\\"names\\":[$present]"
}

# The critic sees the issue, by its prompt, and copies of the documents: nothing else of the repository.
copyForReview() { rm -f "review/$1"; cp "$docs/$1" "review/$1" || fail review disk; }
review() {
  mkdir -p review || fail review disk
  awaitEarlier review || eachName copyForReview
  turn review "$reviewId" anew prompts/review.md
  isWritten "review/$critic" || { rm -f claude; turn review "$reviewId" anew prompts/review.md; }
  isWritten "review/$critic" || fail review missing
  isInside "$docs" || fail review directory "The directory is gone: $docs"
  # A link of that name would lead the copy elsewhere.
  rm -f "$docs/$critic"
  (umask "$mask"; cp "review/$critic" "$docs/$critic") && cmp -s "review/$critic" "$docs/$critic" || fail review disk
  note review done ",\\"names\\":[$(quoted "$critic")]"
}
`;
