import { fromLocal, toLocal } from '../time';
import { JqlError, type Operand } from './parse';

const MINUTE = 60_000;
const UNITS: Record<string, number> = { m: MINUTE, h: 60 * MINUTE, d: 1440 * MINUTE, w: 7 * 1440 * MINUTE };

/** JQL knows no seconds. */
export function toMinute(at: number): number {
  return Math.floor(at / MINUTE) * MINUTE;
}

/** The instant that an operand names, with minute precision, dates read in the user's time zone. */
export function dateOperand(field: string, operand: Operand, now: number, timeZone: string): number {
  if (operand.kind === 'call') return toMinute(dateFunction(operand.name, operand.args, now, timeZone));
  const relative = increment(operand.text);
  if (relative !== undefined) return toMinute(now + relative);
  const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2}))?$/.exec(operand.text.trim());
  if (!match) {
    throw new JqlError(
      `Date value '${operand.text}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
    );
  }
  const [, year, month, day, hour = '0', minute = '0'] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  return fromLocal(local, timeZone);
}

function dateFunction(name: string, args: string[], now: number, timeZone: string): number {
  const local = new Date(toLocal(now, timeZone));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const shift = args[0] === undefined ? 0 : (increment(args[0], 'd') ?? 0);
  const end = (next: number) => next - MINUTE;
  const starts: Record<string, () => number> = {
    startofday: () => Date.UTC(year, month, day),
    endofday: () => end(Date.UTC(year, month, day + 1)),
    startofweek: () => Date.UTC(year, month, day - local.getUTCDay()),
    endofweek: () => end(Date.UTC(year, month, day - local.getUTCDay() + 7)),
    startofmonth: () => Date.UTC(year, month, 1),
    endofmonth: () => end(Date.UTC(year, month + 1, 1)),
    startofyear: () => Date.UTC(year, 0, 1),
    endofyear: () => end(Date.UTC(year + 1, 0, 1)),
  };
  if (name.toLowerCase() === 'now') return now;
  const start = starts[name.toLowerCase()];
  if (!start) throw new JqlError(`Unable to find JQL function '${name}(${args.join(', ')})'.`);
  return fromLocal(start() + shift, timeZone);
}

/** `-15m`, `4w 2d`; a bare number counts minutes. */
function increment(text: string, bareUnit = 'm'): number | undefined {
  const match = /^([+-]?)((?:\d+[mhdw]?\s*)+)$/i.exec(text.trim());
  if (!match) return undefined;
  const total = [...(match[2] ?? '').matchAll(/(\d+)([mhdw]?)/gi)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit?.toLowerCase() || bareUnit] ?? MINUTE),
    0,
  );
  return match[1] === '-' ? -total : total;
}
