import { text } from 'node:stream/consumers';
import { attach } from './attach';
import { orderSchema } from './order';
import type { Outcome } from './order';
import { serve } from './serve';

/** `supervisor.js serve` (an order on stdin) or `supervisor.js attach FOLDER NAME [--read-only]`. */
async function main([verb, folder = '', name = '', ...flags]: string[]): Promise<void> {
  if (verb === 'attach') {
    process.exit(await attach(folder, name, flags.includes('--read-only')));
  } else {
    const outcome = await serve(orderSchema.parse(JSON.parse(await text(process.stdin))));
    report(outcome, () => {
      if (outcome.kind !== 'created') process.exit(1);
    });
  }
}

/** The parent reads one line; it may be gone already. */
function report(outcome: Outcome, then: () => void): void {
  process.stdout.on('error', () => {});
  process.stdout.end(`${JSON.stringify(outcome)}\n`, then);
}

main(process.argv.slice(2)).catch((error: unknown) =>
  report({ kind: 'failed', reason: String(error) }, () => process.exit(1)),
);
