import type { RecordTitle } from '../../../model/record/record';

/** How a record shows at a glance what it says. */
export interface RecordLook {
  panel: 'info' | 'note' | 'success' | 'error';
  /** The word of the title that stands in a lozenge: it stays a word of the title, for readers and for the parser. */
  word: string;
  lozenge: 'blue' | 'green' | 'red' | 'yellow' | 'purple';
  /** Frame and title bar in wiki markup. */
  border: string;
  bar: string;
}

const started = { panel: 'info', lozenge: 'blue', border: '#0052cc', bar: '#deebff' } as const;
const succeeded = { panel: 'success', lozenge: 'green', border: '#006644', bar: '#e3fcef' } as const;
const failed = { panel: 'error', lozenge: 'red', border: '#bf2600', bar: '#ffebe6' } as const;
const asking = { panel: 'note', lozenge: 'yellow', border: '#974f0c', bar: '#fffae6' } as const;

const looks: Readonly<Record<RecordTitle, RecordLook>> = {
  'AI Analysis Started': { ...started, word: 'Started' },
  'AI Analysis Complete': { ...succeeded, word: 'Complete' },
  'AI Analysis Failed': { ...failed, word: 'Failed' },
  'AI Implementation Started': { ...started, word: 'Started' },
  'AI Implementation Complete': { ...succeeded, word: 'Complete' },
  'AI Implementation Failed': { ...failed, word: 'Failed' },
  'AI Handoff': { ...started, word: 'Handoff', lozenge: 'purple' },
  'Approval Requested': { ...asking, word: 'Requested' },
  'Approved for Implementation': { ...succeeded, word: 'Approved' },
  'Changes Requested': { ...asking, word: 'Changes' },
};

export const lookOf = (title: RecordTitle): RecordLook => looks[title];
