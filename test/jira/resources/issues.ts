import type { Issue } from '../entities';
import type { FieldEdit } from '../state';
import { actor, bodyFrom, issueOf, must, visibleIssue } from '../rest/access';
import {
  asObject,
  badPayload,
  done,
  listOf,
  numberOf,
  ok,
  payload,
  refuse,
  refuseField,
  type Call,
  type Route,
} from '../rest/answer';
import { checkProperty, propertiesFrom } from './comments';
import { api, changeView, issueView, type IssueWish } from '../rest/views';

export const issueRoutes: Route[] = [
  { method: 'POST', path: '/issue', handle: create },
  {
    method: 'GET',
    path: '/issue/:key',
    handle: (call) => ok(issueView(call, issueOf(call), wishOf(call, ['*all']))),
  },
  { method: 'PUT', path: '/issue/:key', handle: edit },
  { method: 'GET', path: '/issue/:key/properties', handle: propertyKeys },
  { method: 'GET', path: '/issue/:key/properties/:name', handle: property },
  { method: 'PUT', path: '/issue/:key/properties/:name', handle: setProperty },
  { method: 'DELETE', path: '/issue/:key/properties/:name', handle: deleteProperty },
  { method: 'GET', path: '/issue/:key/remotelink', handle: remoteLinks },
  { method: 'POST', path: '/issue/:key/remotelink', handle: setRemoteLink },
];

/** Cloud only. */
export const changelogRoute: Route = { method: 'GET', path: '/issue/:key/changelog', handle: changelog };
export const bulkFetchRoute: Route = {
  method: 'POST',
  path: '/issue/bulkfetch',
  reads: true,
  handle: bulkFetch,
};

/** `fields`, `properties` and `expand` of a request. */
export function wishOf(call: Call, defaultFields: string[], commentCap = Infinity): IssueWish {
  return {
    fields: listOf(call, 'fields') ?? defaultFields,
    properties: listOf(call, 'properties') ?? [],
    expand: new Set(listOf(call, 'expand')),
    commentCap,
  };
}

function create(call: Call) {
  const fields = asObject(payload(call)['fields']);
  const project = asObject(fields['project']);
  const named = call.state.projects.find(({ key, id }) => key === project['key'] || id === project['id']);
  if (!named) throw refuseField('project', 'Specify a valid project ID or key');
  if (typeof fields['summary'] !== 'string' || fields['summary'] === '') {
    throw refuseField('summary', 'You must specify a summary of the issue.');
  }
  const type = asObject(fields['issuetype'])['name'];
  const issue = call.state.addIssue({
    project: named.key,
    summary: fields['summary'],
    reporter: actor(call).name,
    ...(typeof type === 'string' ? { type } : {}),
  });
  Object.assign(issue, fieldsFrom(call, fields));
  return { status: 201, body: { id: issue.id, key: issue.key, self: `${api(call)}/issue/${issue.id}` } };
}

function edit(call: Call) {
  const issue = issueOf(call);
  must(call, 'edit', issue, 403, 'You do not have permission to edit issues in this project.');
  const given = payload(call);
  applyEdit(call, issue, given);
  if (call.query.get('returnIssue') === 'true') return ok(issueView(call, issue, wishOf(call, ['*all'])));
  return done;
}

/** Applies `fields`, `update` (labels only) and `properties` of a request. */
export function applyEdit(call: Call, issue: Issue, given: Record<string, unknown>): void {
  const change = fieldsFrom(call, asObject(given['fields']));
  const labels = asObject(given['update'])['labels'];
  if (Array.isArray(labels)) change.labels = labels.reduce(editLabels, change.labels ?? issue.labels);
  const properties = Object.entries(propertiesFrom(given['properties']));
  if (Object.keys(change).length > 0) call.state.setFields(issue.key, change, actor(call));
  for (const [name, value] of properties) call.state.setProperty(issue.key, name, value);
}

function editLabels(labels: string[], operation: unknown): string[] {
  const { add, remove, set } = asObject(operation);
  if (Array.isArray(set)) return set.map(String);
  if (typeof add === 'string') return labels.includes(add) ? labels : [...labels, add];
  return labels.filter((label) => label !== remove);
}

function fieldsFrom(call: Call, fields: Record<string, unknown>): FieldEdit {
  const edit: FieldEdit = {};
  for (const [name, value] of Object.entries(fields)) {
    const named = asObject(value);
    switch (name) {
      case 'summary':
        if (typeof value !== 'string' || value === '')
          throw refuseField('summary', 'You must specify a summary of the issue.');
        edit.summary = value;
        break;
      case 'description':
        edit.description = value === null ? null : bodyFrom(call, value, 'description');
        break;
      case 'labels':
        if (!Array.isArray(value)) throw refuseField('labels', 'The labels must be a list.');
        edit.labels = value.map(String);
        break;
      case 'priority':
        edit.priority = typeof named['name'] === 'string' ? named['name'] : null;
        break;
      case 'resolution':
        edit.resolution = typeof named['name'] === 'string' ? named['name'] : 'Done';
        break;
      case 'assignee': {
        const who = named['accountId'] ?? named['id'] ?? named['name'];
        edit.assignee = typeof who === 'string' ? (call.state.findUser(who) ?? null) : null;
        if (typeof who === 'string' && !edit.assignee)
          throw refuseField('assignee', `User '${who}' does not exist.`);
        break;
      }
      case 'project':
      case 'issuetype':
        break;
      default:
        throw refuseField(
          name,
          `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`,
        );
    }
  }
  return edit;
}

function propertyKeys(call: Call) {
  const issue = issueOf(call);
  const self = `${api(call)}/issue/${issue.key}/properties`;
  return ok({ keys: [...issue.properties.keys()].map((key) => ({ self: `${self}/${key}`, key })) });
}

function property(call: Call) {
  const issue = issueOf(call);
  const key = call.params[1] ?? '';
  if (!issue.properties.has(key)) throw noProperty(key);
  return ok({ key, value: issue.properties.get(key) });
}

function setProperty(call: Call) {
  const issue = issueOf(call);
  must(call, 'edit', issue, 403, 'You do not have permission to edit issues in this project.');
  if (call.body === undefined) throw badPayload();
  const key = call.params[1] ?? '';
  checkProperty(key, call.body);
  const fresh = call.state.setProperty(issue.key, key, call.body);
  return { status: fresh ? 201 : 200 };
}

function deleteProperty(call: Call) {
  const issue = issueOf(call);
  must(call, 'edit', issue, 403, 'You do not have permission to edit issues in this project.');
  const key = call.params[1] ?? '';
  if (!call.state.deleteProperty(issue.key, key)) throw noProperty(key);
  return done;
}

function noProperty(key: string) {
  return refuse(404, `The property with key '${key}' does not exist.`);
}

function changelog(call: Call) {
  const issue = issueOf(call);
  const startAt = Math.max(0, numberOf(call, 'startAt', 0));
  const maxResults = Math.min(Math.max(1, numberOf(call, 'maxResults', 100)), 100);
  const values = issue.changes.slice(startAt, startAt + maxResults).map((change) => changeView(call, change));
  const isLast = startAt + values.length >= issue.changes.length;
  const self = `${api(call)}/issue/${issue.key}/changelog?maxResults=${maxResults}&startAt=`;
  return ok({
    self: `${self}${startAt}`,
    ...(isLast ? {} : { nextPage: `${self}${startAt + maxResults}` }),
    maxResults,
    startAt,
    total: issue.changes.length,
    isLast,
    values,
  });
}

function bulkFetch(call: Call) {
  const asked = payload(call)['issueIdsOrKeys'];
  if (!Array.isArray(asked)) throw badPayload();
  if (asked.length > 100) throw refuse(400, 'The maximum number of issues that can be fetched is 100.');
  const wish = wishOf(call, ['*navigable']);
  if (wish.properties.length > 5) throw refuse(400, 'The maximum number of property keys is 5.');
  const found = asked.flatMap((key) => visibleIssue(call, String(key)) ?? []);
  return ok({ issues: found.map((issue) => issueView(call, issue, wish)), issueErrors: [] });
}

function remoteLinks(call: Call) {
  const issue = issueOf(call);
  const globalId = call.query.get('globalId');
  const self = `${api(call)}/issue/${issue.key}/remotelink`;
  const views = issue.remoteLinks
    .filter((link) => globalId === null || link.globalId === globalId)
    .map((link) => ({ self: `${self}/${link.id}`, ...link }));
  if (globalId === null) return ok(views);
  if (!views[0]) throw refuse(404, `No remote issue link with global id '${globalId}' exists.`);
  return ok(views[0]);
}

function setRemoteLink(call: Call) {
  const issue = issueOf(call);
  must(call, 'link', issue, 403, 'You do not have permission to link issues in this project.');
  const given = payload(call);
  const { url, title, summary } = asObject(given['object']);
  if (typeof url !== 'string') throw refuseField('url', "'url' is required.");
  if (typeof title !== 'string') throw refuseField('title', "'title' is required.");
  const { link, fresh } = call.state.setRemoteLink(issue.key, {
    ...(typeof given['globalId'] === 'string' ? { globalId: given['globalId'] } : {}),
    ...(typeof given['relationship'] === 'string' ? { relationship: given['relationship'] } : {}),
    ...(given['application'] === undefined ? {} : { application: given['application'] }),
    object: { url, title, ...(typeof summary === 'string' ? { summary } : {}) },
  });
  const self = `${api(call)}/issue/${issue.key}/remotelink/${link.id}`;
  return { status: fresh ? 201 : 200, body: { id: link.id, self } };
}
