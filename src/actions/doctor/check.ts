import { errorLine, isCancelled, UserError } from '../../model/errors';

export interface Check {
  check: string;
  ok: boolean;
  detail: string;
  fix?: string;
}

/** The check that a look comes to; what it throws is what is wrong. */
export async function attempt(check: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { check, ok: true, detail: await look() };
  } catch (error) {
    if (isCancelled(error)) throw error;
    if (error instanceof UserError)
      return { check, ok: false, detail: error.message, ...(error.next && { fix: error.next }) };
    return { check, ok: false, detail: errorLine(error), fix: 'Run with --verbose, and report this.' };
  }
}
