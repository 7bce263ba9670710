import type { Body, Change, Comment, Issue, Project, Status, User, Visibility } from '../entities';
import { PRIORITIES } from '../defaults';
import { plainText } from '../text/adf';
import { toWiki } from '../text/wiki';
import { jiraDate } from '../time';
import type { Call } from './answer';

/** Fields that `*navigable` leaves out. */
const NOT_NAVIGABLE = new Set(['attachment', 'comment']);
const IN_FULL_ORDER = [
  'summary',
  'status',
  'issuetype',
  'priority',
  'project',
  'assignee',
  'reporter',
  'creator',
  'labels',
  'created',
  'updated',
  'duedate',
  'resolution',
  'parent',
  'description',
  'attachment',
  'comment',
] as const;
type FieldName = (typeof IN_FULL_ORDER)[number];

export function api(call: Call): string {
  return `${call.base}/rest/api/${call.version}`;
}

export function date(call: Call, at: number): string {
  return jiraDate(at, call.user?.timeZone ?? 'Etc/UTC');
}

/** Rich text as this version of the API shows it. */
export function bodyView(call: Call, body: Body | null): unknown {
  if (body === null) return null;
  return call.version === 2 && typeof body !== 'string' ? toWiki(body) : body;
}

export function userView(call: Call, user: User): Record<string, unknown> {
  const avatar = (size: number) => [`${size}x${size}`, `https://avatar.example.com/${user.name}/${size}.png`];
  const shared = {
    // Cloud hides the addresses of others unless they chose to show them.
    ...(call.cloud && user !== call.user ? {} : { emailAddress: user.email }),
    avatarUrls: Object.fromEntries([48, 24, 16, 32].map(avatar)),
    displayName: user.displayName,
    active: true,
    timeZone: user.timeZone,
  };
  const self = `${api(call)}/user?`;
  if (!call.cloud) return { self: `${self}username=${user.name}`, name: user.name, key: user.key, ...shared };
  const { accountId, accountType } = user;
  return { self: `${self}accountId=${accountId}`, accountId, ...shared, accountType };
}

export function statusView(call: Call, status: Status): Record<string, unknown> {
  const categories = {
    new: { id: 2, colorName: 'blue-gray', name: 'To Do' },
    indeterminate: { id: 4, colorName: 'yellow', name: 'In Progress' },
    done: { id: 3, colorName: 'green', name: 'Done' },
  };
  const category = categories[status.category];
  return {
    self: `${api(call)}/status/${status.id}`,
    description: '',
    iconUrl: `${call.base}/images/icons/statuses/generic.png`,
    name: status.name,
    id: status.id,
    statusCategory: {
      self: `${api(call)}/statuscategory/${category.id}`,
      id: category.id,
      key: status.category,
      colorName: category.colorName,
      name: category.name,
    },
  };
}

export function projectView(call: Call, project: Project): Record<string, unknown> {
  const avatar = (size: number) => [`${size}x${size}`, `https://avatar.example.com/proj/${size}.png`];
  return {
    self: `${api(call)}/project/${project.id}`,
    id: project.id,
    key: project.key,
    name: project.name,
    projectTypeKey: 'software',
    ...(call.cloud ? { simplified: false } : {}),
    avatarUrls: Object.fromEntries([48, 24, 16, 32].map(avatar)),
  };
}

export function commentView(call: Call, issue: Issue, comment: Comment): Record<string, unknown> {
  return {
    self: `${api(call)}/issue/${issue.id}/comment/${comment.id}`,
    id: comment.id,
    author: userView(call, comment.author),
    body: bodyView(call, comment.body),
    updateAuthor: userView(call, comment.updateAuthor),
    created: date(call, comment.created),
    updated: date(call, comment.updated),
    ...(comment.visibility ? { visibility: visibilityView(call, comment.visibility) } : {}),
    ...(call.cloud ? { jsdPublic: true } : {}),
  };
}

function visibilityView(call: Call, { type, value, identifier }: Visibility): Record<string, unknown> {
  return call.cloud ? { type, value, identifier: identifier ?? value } : { type, value };
}

export function changeView(call: Call, change: Change): Record<string, unknown> {
  return {
    id: change.id,
    author: userView(call, change.author),
    created: date(call, change.created),
    items: change.items.map((item) => ({
      ...item,
      fieldtype: 'jira',
      ...(call.cloud ? { fieldId: item.field } : {}),
    })),
  };
}

export interface IssueWish {
  /** As asked: names, `*all`, `*navigable`, `-name`. */
  fields: string[];
  properties: string[];
  expand: Set<string>;
  /** Most comments in the `comment` field. */
  commentCap: number;
}

export function issueView(call: Call, issue: Issue, wish: IssueWish): Record<string, unknown> {
  const names = chosenFields(wish.fields);
  const self = `${api(call)}/issue/${issue.id}`;
  const fields = Object.fromEntries(names.map((name) => [name, fieldView(call, issue, name, wish)]));
  const view: Record<string, unknown> = {
    expand: call.cloud ? '' : 'operations,versionedRepresentations,editmeta,changelog,renderedFields',
    id: issue.id,
    self,
    key: issue.key,
    ...(names.length > 0 ? { fields } : {}),
  };
  if (wish.properties.length > 0) {
    const all = wish.properties.includes('*all');
    const picked = [...issue.properties].filter(([key]) => all || wish.properties.includes(key));
    view['properties'] = Object.fromEntries(picked);
  }
  if (wish.expand.has('changelog')) {
    const histories = issue.changes.map((change) => changeView(call, change));
    // Newest first on Cloud; its changelog resource and Data Center are oldest first.
    if (call.cloud) histories.reverse();
    view['changelog'] = { startAt: 0, maxResults: histories.length, total: histories.length, histories };
  }
  if (wish.expand.has('renderedFields')) {
    view['renderedFields'] = { description: rendered(issue.description) };
  }
  return view;
}

function chosenFields(asked: string[]): FieldName[] {
  const all = asked.includes('*all') || asked.every((name) => name.startsWith('-'));
  const navigable = asked.includes('*navigable');
  return IN_FULL_ORDER.filter(
    (name) =>
      (all || asked.includes(name) || (navigable && !NOT_NAVIGABLE.has(name))) && !asked.includes(`-${name}`),
  );
}

function fieldView(call: Call, issue: Issue, name: FieldName, wish: IssueWish): unknown {
  switch (name) {
    case 'summary':
      return issue.summary;
    case 'status':
      return statusView(call, issue.status);
    case 'issuetype':
      return typeView(call, issue.type);
    case 'priority':
      return issue.priority === null ? null : priorityView(call, issue.priority);
    case 'project':
      return projectView(call, issue.project);
    case 'assignee':
      return issue.assignee && userView(call, issue.assignee);
    case 'reporter':
    case 'creator':
      return userView(call, issue.reporter);
    case 'labels':
      return issue.labels;
    case 'created':
      return date(call, issue.created);
    case 'updated':
      return date(call, issue.updated);
    case 'duedate':
      return null;
    case 'resolution':
      return (
        issue.resolution && { self: `${api(call)}/resolution/10000`, id: '10000', name: issue.resolution }
      );
    case 'parent':
      return issue.parent ? { key: issue.parent } : undefined;
    case 'description':
      return bodyView(call, issue.description);
    case 'attachment':
      return issue.attachments.map((attachment, at) => ({
        self: `${api(call)}/attachment/${issue.id}${at}`,
        id: `${issue.id}${at}`,
        ...attachment,
        author: userView(call, issue.reporter),
        created: date(call, issue.created),
        content: `${api(call)}/attachment/content/${issue.id}${at}`,
      }));
    default: {
      const comments = issue.comments.slice(0, wish.commentCap);
      return {
        comments: comments.map((comment) => commentView(call, issue, comment)),
        self: `${api(call)}/issue/${issue.id}/comment`,
        maxResults: comments.length,
        total: issue.comments.length,
        startAt: 0,
      };
    }
  }
}

export function priorityView(call: Call, name: string): Record<string, unknown> {
  const id = String(PRIORITIES.length - PRIORITIES.indexOf(name));
  const iconUrl = `${call.base}/images/icons/priorities/${name.toLowerCase()}.svg`;
  return { self: `${api(call)}/priority/${id}`, iconUrl, name, id };
}

function typeView(call: Call, name: string): Record<string, unknown> {
  const types = ['Task', 'Bug', 'Story', 'Epic', 'Sub-task'];
  const id = String(10_001 + Math.max(0, types.indexOf(name)));
  return {
    self: `${api(call)}/issuetype/${id}`,
    id,
    description: '',
    iconUrl: `${call.base}/images/icons/issuetypes/${name.toLowerCase()}.svg`,
    name,
    subtask: name === 'Sub-task',
    ...(call.cloud ? { hierarchyLevel: name === 'Epic' ? 1 : 0 } : {}),
  };
}

/** Rich text as escaped HTML paragraphs: enough for `renderedFields` and the browse page. */
export function rendered(body: Body | null): string {
  if (body === null) return '';
  const text = typeof body === 'string' ? body : plainText(body);
  const escaped = text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<p>${escaped.replace(/\r?\n/g, '<br/>')}</p>`;
}
