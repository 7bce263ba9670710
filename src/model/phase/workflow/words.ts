import type { ProposedPhase } from './propose';

/** Why this status is proposed, and what a person should look at. */
export function proposalNote({ status, because, sure, others, elsewhere }: ProposedPhase): string {
  const fits =
    others.length > 0 ? `${because === 'kept' ? 'and' : 'also fits'}: ${others.slice(0, 3).join(', ')}` : '';
  const why = {
    kept: 'as it is mapped now',
    name: 'by its name',
    category: 'the only one of its kind',
    none: '',
  };
  return [
    status === undefined && others.length === 0 ? 'nothing fits' : why[because],
    sure ? '' : 'please check',
    fits,
    elsewhere.length > 0 ? `for other projects: ${elsewhere.slice(0, 3).join(', ')}` : '',
  ]
    .filter(Boolean)
    .join('; ');
}
