import { PRIORITIES } from '../defaults';
import type { Issue, User } from '../entities';
import type { JiraState } from '../state';
import { JqlError, type Jql, type Operand } from './parse';

export interface Searcher {
  state: JiraState;
  user: User;
}

/** Issues in the query's order; without one, newest first. */
export function order(issues: Issue[], orderBy: Jql['orderBy']): Issue[] {
  const keys = orderBy.map(({ field, descending }) => ({ value: sortValue(field), descending }));
  return [...issues].sort((a, b) => {
    for (const { value, descending } of keys) {
      const [x, y] = [value(a), value(b)];
      if (x !== y) return x < y === descending ? 1 : -1;
    }
    return Number(b.id) - Number(a.id);
  });
}

function sortValue(field: string): (issue: Issue) => string | number {
  switch (field.toLowerCase()) {
    case 'key':
    case 'issuekey':
      return (issue) => `${issue.project.key} ${issue.key.split('-').at(-1)?.padStart(9, '0') ?? ''}`;
    case 'id':
    case 'rank':
      return (issue) => Number(issue.id);
    case 'created':
    case 'createddate':
      return (issue) => issue.created;
    case 'updated':
    case 'updateddate':
      return (issue) => issue.updated;
    case 'priority':
      return (issue) => PRIORITIES.indexOf(issue.priority ?? '');
    case 'status':
      return (issue) => Number(issue.status.id);
    case 'summary':
      return (issue) => issue.summary.toLowerCase();
    case 'assignee':
      return (issue) => issue.assignee?.displayName ?? '\uffff';
    case 'project':
      return (issue) => issue.project.key;
    case 'issuetype':
    case 'type':
      return (issue) => issue.type;
    case 'resolution':
      return (issue) => issue.resolution ?? '';
    default:
      throw new JqlError(`Field '${field}' does not exist or you do not have permission to view it.`);
  }
}

/** The names that an issue carries in a field. */
export function namesOf(field: string): (issue: Issue) => string[] {
  switch (field.toLowerCase()) {
    case 'project':
      return ({ project }) => [project.key, project.name, project.id];
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      return (issue) => [issue.key, issue.id];
    case 'status':
      return ({ status }) => [status.name, status.id];
    case 'statuscategory':
      return ({ status }) => categoryNames(status.category);
    case 'assignee':
      return ({ assignee }) => (assignee ? [assignee.accountId] : []);
    case 'reporter':
    case 'creator':
      return ({ reporter }) => [reporter.accountId];
    case 'labels':
      return ({ labels }) => labels;
    case 'issuetype':
    case 'type':
      return ({ type }) => [type];
    case 'priority':
      return ({ priority }) => (priority === null ? [] : [priority]);
    case 'resolution':
      return ({ resolution }) => (resolution === null ? [] : [resolution]);
    case 'parent':
      return ({ parent }) => (parent === null ? [] : [parent]);
    default:
      throw new JqlError(`Field '${field}' does not exist or you do not have permission to view it.`);
  }
}

function categoryNames(category: Issue['status']['category']): string[] {
  const names = {
    new: ['new', 'To Do', '2'],
    indeterminate: ['indeterminate', 'In Progress', '4'],
    done: ['done', 'Done', '3'],
  };
  return names[category];
}

/** The operand as the name that issues carry, refused where Jira would know no such thing. */
export function nameOperand(field: string, operand: Operand, { state, user }: Searcher): string {
  const name = field.toLowerCase();
  if (operand.kind === 'call') {
    if (operand.name.toLowerCase() === 'currentuser') return user.accountId;
    throw new JqlError(`Unable to find JQL function '${operand.name}(${operand.args.join(', ')})'.`);
  }
  const { text } = operand;
  const unknown = new JqlError(`The value '${text}' does not exist for the field '${field}'.`);
  switch (name) {
    case 'assignee':
    case 'reporter':
    case 'creator':
      // An unknown user matches nobody; Jira only warns.
      return state.findUser(text)?.accountId ?? text;
    case 'project':
      if (!state.projects.some((p) => [p.key, p.name, p.id].some((known) => sameName(known, text))))
        throw unknown;
      return text;
    case 'status':
      if (!state.workflow.statuses.some((s) => sameName(s.name, text) || s.id === text)) throw unknown;
      return text;
    case 'statuscategory':
      if (
        !(['new', 'indeterminate', 'done'] as const).some((c) =>
          categoryNames(c).some((n) => sameName(n, text)),
        )
      )
        throw unknown;
      return text;
    case 'priority':
      if (!PRIORITIES.some((p) => sameName(p, text))) throw unknown;
      return text;
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      if (!state.findIssue(text))
        throw new JqlError(`An issue with key '${text}' does not exist for field '${field}'.`);
      return text;
  }
  return text;
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
