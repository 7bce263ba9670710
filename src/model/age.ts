const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `now`, `5 min`, `2 h`, `3 d`, `7 mo`, `2 y`: how long ago, short enough for a tree row. */
export function age(from: number, now: number): string {
  const ms = Math.max(0, now - from);
  if (ms < minute) return 'now';
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  if (ms < 60 * day) return `${Math.floor(ms / day)} d`;
  if (ms < 730 * day) return `${Math.floor(ms / (30.4 * day))} mo`;
  return `${Math.floor(ms / (365 * day))} y`;
}

/** The same as a phrase: `just now`, `2 h ago`. */
export function ago(from: number, now: number): string {
  const text = age(from, now);
  return text === 'now' ? 'just now' : `${text} ago`;
}
