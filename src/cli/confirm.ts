import { createInterface } from 'node:readline/promises';
import { plain } from './output';

/** Asks on the terminal; anything but yes is a no. stdout stays free for what the verb prints. */
export async function confirmed(text: string, question: string, signal?: AbortSignal): Promise<boolean> {
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  const asked = [plain(text), `${question} [y/N] `].filter(Boolean).join('\n');
  try {
    const answer = await questions.question(asked, { ...(signal && { signal }) });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    questions.close();
  }
}
