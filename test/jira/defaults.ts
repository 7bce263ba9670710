import type { Project, ScreenField, User, Workflow } from './entities';

const ALL_SCOPES = ['read:jira-work', 'write:jira-work', 'read:jira-user'];

function person(name: string, number: number, displayName: string, timeZone = 'Europe/Berlin'): User {
  return {
    accountId: `712020:2f6f0f2e-1111-4c1c-9a55-9be8a1d2c${String(number).padStart(3, '0')}`,
    name,
    key: `JIRAUSER${10100 + number}`,
    displayName,
    email: `${name}@acme.example`,
    timeZone,
    accountType: name === 'claude' ? 'app' : 'atlassian',
    tokens: [
      { value: `${name}-token`, kind: 'classic' },
      { value: `${name}-scoped`, kind: 'scoped', scopes: ALL_SCOPES },
      { value: `${name}-oauth`, kind: 'oauth', scopes: ALL_SCOPES },
      { value: `${name}-pat`, kind: 'pat' },
    ],
  };
}

/** Everybody has tokens NAME-token, NAME-scoped, NAME-oauth (Cloud) and NAME-pat (Data Center). */
export function defaultUsers(): User[] {
  return [
    person('dana', 1, 'Dana Developer'),
    person('pat', 2, 'Pat Manager'),
    person('sam', 3, 'Sam Okafor', 'America/New_York'),
    person('mira', 4, 'Mira Lindqvist'),
    person('claude', 9, 'Claude Task Manager', 'Etc/UTC'),
  ];
}

export function defaultProjects(): Project[] {
  return [
    { id: '10000', key: 'PAY', name: 'Payments Platform' },
    { id: '10001', key: 'PORTAL', name: 'Customer Portal' },
  ];
}

/** Lowest first, as JQL compares them. */
export const PRIORITIES = ['Lowest', 'Low', 'Medium', 'High', 'Highest'];

/** One that a transition's screen may ask for. */
export const riskField: ScreenField = {
  key: 'customfield_10050',
  name: 'Risk',
  required: true,
  allowed: [
    { id: '900', name: 'Low' },
    { id: '901', name: 'High' },
  ],
  schema: {
    type: 'option',
    custom: 'com.atlassian.jira.plugin.system.customfieldtypes:select',
    customId: 10050,
  },
};

/** One status for each phase. */
export function defaultWorkflow(): Workflow {
  return {
    statuses: [
      { id: '10000', name: 'To Do', category: 'new' },
      { id: '10001', name: 'AI Analysis', category: 'indeterminate' },
      { id: '10002', name: 'Ready for Review', category: 'indeterminate' },
      { id: '10003', name: 'Approved', category: 'indeterminate' },
      { id: '10004', name: 'In Development', category: 'indeterminate' },
      { id: '10005', name: 'In Review', category: 'indeterminate' },
      { id: '10006', name: 'Done', category: 'done' },
    ],
    transitions: [
      { id: '11', name: 'Back to backlog', to: 'To Do' },
      { id: '21', name: 'Start analysis', to: 'AI Analysis' },
      { id: '31', name: 'Request review', to: 'Ready for Review' },
      { id: '41', name: 'Approve for implementation', to: 'Approved', from: ['Ready for Review'] },
      { id: '51', name: 'Start development', to: 'In Development' },
      { id: '61', name: 'Send to review', to: 'In Review' },
      { id: '71', name: 'Done', to: 'Done' },
    ],
  };
}
