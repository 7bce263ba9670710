import type { RunKind } from '../../../model/run/order';

/** How the texts of a start speak of what a run does to a task. */
export const wordsOf: Record<
  RunKind,
  { one: string; many: string; verb: string; verbs: string; done: string; next: string }
> = {
  analysis: {
    one: 'an analysis',
    many: 'analyses',
    verb: 'analyze',
    verbs: 'analyzes',
    done: 'analyzed',
    next: 'Read its documents.',
  },
  implementation: {
    one: 'an implementation',
    many: 'implementations',
    verb: 'implement',
    verbs: 'implements',
    done: 'implemented',
    next: 'Look at its branch.',
  },
  handoff: {
    one: 'a handoff',
    many: 'handoffs',
    verb: 'hand over',
    verbs: 'hands over',
    done: 'handed over',
    next: 'Look at its session.',
  },
};
