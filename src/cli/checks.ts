import { plain, printLine } from './output';

interface Checked {
  check: string;
  ok: boolean;
  detail: string;
  fix?: string;
}

/** What was looked at, each with what to do below it. */
export function printChecks(checks: readonly Checked[]): void {
  for (const { check, ok, detail, fix } of checks) {
    printLine(plain(`${ok ? 'ok' : '--'}  ${check}: ${detail}`));
    if (!ok && fix) printLine(plain(`      ${fix}`));
  }
}

/** What was looked at before something starts, as one table under its heading. */
export function printPreflight(checks: readonly Checked[]): void {
  for (const { check, ok, detail, fix } of checks)
    printLine(plain(`  ${ok ? 'ok' : '--'}  ${check.padEnd(10)}  ${detail}${ok || !fix ? '' : ` (${fix})`}`));
}
