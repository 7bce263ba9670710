import { setTimeout as pause } from 'node:timers/promises';
import { isCancelled, UserError } from '../../model/errors';
import { liveness, type Liveness } from '../../model/liveness';
import type { HostReport } from '../../model/transcript';
import type { ReportSource } from '../store';
import type { Inquiry } from './inquiry';
import { Refusal } from './refusal';

type Life = Exclude<Liveness, { kind: 'unknown' }>;

/** How long an uncertain answer about life is worth waiting for, in milliseconds. */
const patienceMs = 12_000;

/** What the host says now; throws `Refusal` where it does not answer. */
export async function freshReport({ reports, onCheck, signal }: Inquiry): Promise<HostReport> {
  try {
    return await reportOf(reports, signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    onCheck({ check: 'host', ok: false, detail: error.message, fix: error.next });
    throw new Refusal(error.message, error.next, ['retry', 'startFromDocuments']);
  }
}

async function reportOf(reports: ReportSource, signal: AbortSignal | undefined): Promise<HostReport> {
  const report = await reports.report(signal);
  if (report) return report;
  throw new UserError('Nothing is started in Restricted Mode.', 'Trust this workspace first.');
}

/** Waits where a moment may tell; an answer that stays uncertain is the person's to give. */
export async function findLife(inquiry: Inquiry, first: HostReport): Promise<Life> {
  const { session, reports, onCheck, signal, assumeDead, fork } = inquiry;
  const until = Date.now() + patienceMs;
  let report = first;
  for (;;) {
    const now = liveness({ sessionId: session.id, report });
    if (now.kind !== 'unknown') {
      onCheck({ check: 'liveness', ok: true, detail: lifeText(now) });
      return now;
    }
    const wait = now.retryInMs;
    if (fork || assumeDead || wait === undefined || Date.now() + wait > until) {
      onCheck({
        check: 'liveness',
        ok: false,
        detail: now.why,
        fix: 'Make sure that nobody works in it, or fork it.',
      });
      if (fork || assumeDead) return { kind: 'dead' };
      throw new Refusal(
        `Somebody may be working in this session: ${now.why}.`,
        'Two processes in one session lose turns. Look there first, fork it, or resume if you know that it is free.',
        ['fork', 'retry', 'resumeAnyway'],
      );
    }
    await pause(wait + 50, undefined, signal && { signal });
    report = await reportOf(reports, signal);
  }
}

function lifeText(life: Life): string {
  switch (life.kind) {
    case 'attach':
      return `alive in tmux session ${life.pane.sessionName}${life.process ? ` (pid ${life.process.pid})` : ''}`;
    case 'background':
      return `alive as one of Claude's background sessions (pid ${life.process.pid})`;
    case 'detached':
      return `alive as a detached run (pid ${life.process.pid})`;
    case 'elsewhere':
      return `alive outside tmux (pid ${life.process.pid})`;
    case 'dead':
      return 'nobody holds it';
  }
}
