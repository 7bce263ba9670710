import type { RunLine, RunReading } from './run';

/** How often implementations were to go on in their session, and how often that worked at the first try. */
export interface Resumes {
  tried: number;
  first: number;
}

/** Of all these runs, as far as their lines go back. A turn that was ended from outside tells nothing of it. */
export function resumes(readings: readonly Pick<RunReading, 'order' | 'lines'>[]): Resumes {
  const sum: Resumes = { tried: 0, first: 0 };
  for (const { order, lines } of readings) {
    if (order.kind !== 'implementation') continue;
    for (const worked of outcomes(lines)) {
      sum.tried += 1;
      sum.first += Number(worked);
    }
  }
  return sum;
}

/** Of each turn that was to resume: whether it did, in the session that was there. */
function outcomes(lines: readonly RunLine[]): boolean[] {
  const worked: boolean[] = [];
  /** `cut`: its runner was ended meanwhile; Claude may still come to its end. */
  let open: 'no' | 'yes' | 'cut' = 'no';
  for (const { step, state, how, reason } of lines) {
    if (step === 'run') {
      if (state === 'started' && open === 'yes') open = 'cut';
    } else if (step === 'implement') {
      if (state === 'started' && how !== undefined) {
        // Another one had to begin, or the same to be tried again.
        if (open === 'yes' || (open === 'no' && how === 'begin' && reason !== undefined)) worked.push(false);
        open = how === 'resume' ? 'yes' : 'no';
      } else if (state === 'done') {
        if (open !== 'no') worked.push(true);
        open = 'no';
      } else if (state === 'failed') {
        if (open !== 'no' && !fromOutside.has(reason ?? '')) worked.push(false);
        open = 'no';
      }
    }
  }
  return worked;
}

/** Reasons of a turn that say nothing of the session. */
const fromOutside: ReadonlySet<string> = new Set(['killed', 'busy', 'disk', 'directory', 'noClaude']);
