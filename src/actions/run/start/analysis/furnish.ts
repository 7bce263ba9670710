import { runFolder } from '../../../../model/run/folder';
import { buildPrompts } from '../../../../runs/prompts/build';
import { argvOf } from '../order';
import type { Furnish } from '../goOn';

/** What an analysis takes with it. */
export const furnishAnalysis: Furnish = (order, _host, kit, { settings }) => {
  const { home, issue, templates } = kit;
  const turn = (kind: 'analysis' | 'documents' | 'review'): string[] => argvOf(kind, order, kit, settings);
  return Promise.resolve({
    prompts: buildPrompts({ order, issue, templates, runDirectory: runFolder(home, order.id) }),
    turns: {
      analysis: turn('analysis'),
      documents: turn('documents'),
      ...(order.reviewId !== undefined && { review: turn('review') }),
    },
  });
};
