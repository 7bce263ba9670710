/** The simulator's clock: real time (or a fixed start) plus whatever a test advances. */
export class Clock {
  private offset = 0;

  /** With `fixedAt` (epoch ms) time stands still until `advance`. */
  constructor(private readonly fixedAt?: number) {}

  now(): number {
    return (this.fixedAt ?? Date.now()) + this.offset;
  }

  advance(ms: number): void {
    this.offset += ms;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
const QUARTER_HOUR = 15 * 60_000;

/** Minutes east of UTC at that instant. */
export function zoneOffsetMinutes(at: number, timeZone: string): number {
  const slot = Math.floor(at / QUARTER_HOUR) * QUARTER_HOUR;
  const id = `${timeZone} ${slot}`;
  const known = offsets.get(id);
  if (known !== undefined) return known;
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(slot).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
  const minutes = match?.[1] ? (Number(match[2]) * 60 + Number(match[3])) * (match[1] === '-' ? -1 : 1) : 0;
  if (offsets.size > 10_000) offsets.clear();
  offsets.set(id, minutes);
  return minutes;
}

/** `2026-08-24T10:50:03.000+0200`: Jira writes the user's zone and its offset without a colon. */
export function jiraDate(at: number, timeZone: string): string {
  const offset = zoneOffsetMinutes(at, timeZone);
  const local = new Date(at + offset * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(offset);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

/** The instant at which a clock on the wall in that zone shows the given UTC-encoded local time. */
export function fromLocal(localAsUtc: number, timeZone: string): number {
  const guess = localAsUtc - zoneOffsetMinutes(localAsUtc, timeZone) * 60_000;
  return localAsUtc - zoneOffsetMinutes(guess, timeZone) * 60_000;
}

/** The local wall-clock time of an instant, encoded as if it were UTC. */
export function toLocal(at: number, timeZone: string): number {
  return at + zoneOffsetMinutes(at, timeZone) * 60_000;
}
