/** Commands of ours by the titles under which texts name them. */
const commands = {
  'Review Documents': 'reviewDocuments',
  'Edit Documents': 'editDocuments',
  'Commit and Push Documents': 'commitDocuments',
  'Compare with Approved': 'compareApproved',
  'Approve for Implementation': 'approve',
  'Request Changes': 'requestChanges',
  'Start Analysis': 'startAnalysis',
  'Set Up Workflow': 'setUpWorkflow',
} as const;
type Step = { title: string; command: (typeof commands)[keyof typeof commands] | 'openInJira' };

/** The commands that a next step names, to be offered as buttons. */
export function stepsIn(next: string): Step[] {
  const named = Object.entries(commands).flatMap(([title, command]) =>
    next.includes(title) ? [{ title, command }] : [],
  );
  return [
    ...named,
    ...(/\bin Jira\b/.test(next) ? [{ title: 'Open in Jira', command: 'openInJira' as const }] : []),
  ];
}
