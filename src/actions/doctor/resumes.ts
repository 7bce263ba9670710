import { resumes } from '../../model/run/resumes';
import type { RunReading } from '../../model/run/run';
import type { Check } from './check';

/** So many of hundred are to work at the first try. */
const wanted = 95;
/** Fewer than these are no measure. */
const enough = 10;

/** How well implementations go on in their sessions, by the runs that hosts tell of; nothing where none has tried. */
export function resumeCheck(readings: readonly RunReading[]): Check[] {
  const { tried, first } = resumes(readings);
  if (tried === 0) return [];
  const ok = tried < enough || first * 100 >= tried * wanted;
  return [
    {
      check: 'resumes of implementation sessions',
      ok,
      detail: `${first} of ${tried} worked at the first try`,
      ...(!ok && {
        fix: "View Run Log tells why. Where transcripts were gone, raise cleanupPeriodDays in Claude's settings on that host; where the context was full, plan smaller steps.",
      }),
    },
  ];
}
