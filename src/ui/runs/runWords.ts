import { age } from '../../model/age';
import type { RunKind } from '../../model/run/order';
import type { Run, RunStep } from '../../model/run/run';

const kinds: Record<RunKind, string> = {
  analysis: 'Analysis',
  implementation: 'Implementation',
  handoff: 'Handoff',
};

export const kindTitle = (kind: RunKind): string => kinds[kind];

const steps: Record<RunStep, string> = {
  wait: 'Waiting for a place',
  analysis: 'Writing documents',
  documents: 'Checking documents',
  review: 'Review',
  commit: 'Commit',
  push: 'Push',
};

export const stepTitle = (step: RunStep, _kind: RunKind): string => steps[step];

export function runStateText({ state }: Run, now: number): string {
  switch (state.kind) {
    case 'starting':
      return `starting, ${state.reached} done`;
    case 'queued':
      return `waits for a place · ${age(state.since, now)}`;
    case 'running':
      return state.retry
        ? `API overloaded, try ${state.retry.attempt} of ${state.retry.of}`
        : `${steps[state.step].toLowerCase()} · ${age(state.since, now)}`;
    case 'interrupted':
      return `interrupted${state.rebooted ? ': the host was started anew' : ''}`;
    case 'stopped':
      return `stopped · ${age(state.at, now)}`;
    case 'failed':
      return `failed: ${state.failure.message}`;
    case 'complete':
      return `complete · ${age(state.at, now)}`;
  }
}
