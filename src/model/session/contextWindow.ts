import type { ContextUse } from './session';

const large = 1_000_000;
const small = 200_000;

/**
 * Tokens that a model's context holds, by the name that was asked for (only that keeps `[1m]`). As of CLI 2.1.329:
 * the 3 and 4 families up to 4.6 have the small window, names that nobody knows the large one.
 */
export function contextWindow(requestedModel: string): number {
  const name = requestedModel.toLowerCase();
  if (name.includes('[1m]')) return large;
  if (/claude-(?:instant|[23])(?!\d)/.test(name)) return small;
  // A date may follow: claude-sonnet-4-20250514.
  const fourth = /(?:opus|sonnet|haiku)-4(?!\d)(?:-(\d{1,2})(?!\d))?/.exec(name);
  return fourth && Number(fourth[1] ?? 0) <= 6 ? small : large;
}

export function contextUse(usedTokens: number, requestedModel: string): ContextUse {
  const windowTokens = contextWindow(requestedModel);
  return { usedTokens, windowTokens, usedPercent: Math.round((usedTokens / windowTokens) * 100) };
}
