import type { RunKind } from '../../model/run/order';
import type { WebhookEvent } from '../../model/settings';

/** What webhooks are told. Summary and texts may be Jira's or Claude's: untrusted, and cleaned for each receiver. */
export interface Tiding {
  event: WebhookEvent;
  /** Epoch ms. */
  at: number;
  task: { key: string; summary: string; url: string };
  /** What happened, one sentence. */
  text: string;
  /** What a person does next, one sentence. */
  next?: string | undefined;
  run?: { id: string; kind: RunKind; host: string; sessionId: string; branch: string } | undefined;
}

const runWords: Record<RunKind, string> = {
  analysis: 'Analysis',
  implementation: 'Implementation',
  handoff: 'Handoff',
};

/** `Analysis complete`, `Needs you`. */
export function headline({ event, run }: Pick<Tiding, 'event' | 'run'>): string {
  const what = run ? runWords[run.kind] : 'Session';
  switch (event) {
    case 'started':
      return `${what} started`;
    case 'needsYou':
      return `${what} needs you`;
    case 'complete':
      return `${what} complete`;
    case 'failed':
      return `${what} failed`;
    case 'approved':
      return 'Approved for implementation';
  }
}

/** The address of the issue where it may stand as a link: https only. */
export function linkOf({ task }: Pick<Tiding, 'task'>): string | undefined {
  if (!URL.canParse(task.url)) return undefined;
  const url = new URL(task.url);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}
