import { PRIORITIES } from '../defaults';
import type { User } from '../entities';
import { jiraDate } from '../time';
import { listOf, numberOf, ok, Refusal, refuse, type Call, type Route } from '../rest/answer';
import { mustSignIn } from '../rest/errors';
import { api, priorityView, projectView, statusView, userView } from '../rest/views';

/** What is not about one issue: the server, users, projects, filters. */
export const siteRoutes: Route[] = [
  { method: 'GET', path: '/serverInfo', handle: (call) => ok(serverInfo(call)) },
  { method: 'GET', path: '/myself', handle: myself },
  { method: 'GET', path: '/user', handle: user },
  { method: 'GET', path: '/user/search', handle: userSearch },
  { method: 'GET', path: '/user/assignable/search', handle: userSearch },
  { method: 'GET', path: '/project', handle: (call) => ok(call.user ? projects(call) : []) },
  { method: 'GET', path: '/project/:key', handle: project },
  { method: 'GET', path: '/project/:key/statuses', handle: projectStatuses },
  { method: 'GET', path: '/status', handle: statuses },
  {
    method: 'GET',
    path: '/priority',
    handle: (call) => ok([...PRIORITIES].reverse().map((name) => priorityView(call, name))),
  },
  { method: 'GET', path: '/filter/favourite', handle: favourites },
];

export const projectSearchRoute: Route = { method: 'GET', path: '/project/search', handle: projectSearch };

function serverInfo(call: Call) {
  const now = call.state.clock.now();
  const shared = {
    baseUrl: call.base,
    buildNumber: call.cloud ? 100290 : 10030024,
    buildDate: jiraDate(now - 3 * 86_400_000, 'Etc/UTC'),
    serverTime: jiraDate(now, 'Etc/UTC'),
    scmInfo: 'db2a2d37fd683b7252277fde071c0ff005d6f529',
  };
  if (!call.cloud) {
    const version = { version: '10.3.24', versionNumbers: [10, 3, 24], deploymentType: 'Server' };
    return { ...shared, ...version, databaseBuildNumber: 10030024, serverTitle: 'Acme Jira' };
  }
  return {
    ...shared,
    displayUrl: call.base,
    displayUrlServicedeskHelpCenter: call.base,
    displayUrlConfluence: `${call.base}/wiki`,
    version: '1001.0.0-SNAPSHOT',
    versionNumbers: [1001, 0, 0],
    deploymentType: 'Cloud',
    serverTitle: 'Jira',
    serverTimeZone: 'Etc/UTC',
  };
}

function myself(call: Call) {
  if (!call.user) throw new Refusal(mustSignIn());
  return ok({
    ...userView(call, call.user),
    ...(call.cloud ? {} : { deleted: false }),
    groups: { size: 2, items: [] },
    applicationRoles: { size: 1, items: [] },
    expand: 'groups,applicationRoles',
    locale: 'en_US',
  });
}

function user(call: Call) {
  if (!call.user) throw new Refusal(mustSignIn());
  const id = call.query.get(call.cloud ? 'accountId' : 'username') ?? call.query.get('key') ?? '';
  const found = call.state.findUser(id);
  if (!found) throw refuse(404, 'Specified user does not exist or you do not have required permissions');
  return ok(userView(call, found));
}

function userSearch(call: Call) {
  if (!call.user) throw new Refusal(mustSignIn());
  const wanted = (call.query.get('query') ?? call.query.get('username') ?? '').toLowerCase();
  const accountId = call.query.get('accountId');
  if (wanted === '' && accountId === null) throw refuse(400, 'Provide a search query.');
  const matches = (user: User) =>
    accountId === null
      ? [user.displayName, user.email, user.name].some((name) => name.toLowerCase().includes(wanted))
      : user.accountId === accountId;
  const start = numberOf(call, 'startAt', 0);
  const found = call.state.users.filter(matches).slice(start, start + numberOf(call, 'maxResults', 50));
  return ok(found.map((user) => userView(call, user)));
}

const projects = (call: Call) => call.state.projects.map((project) => projectView(call, project));

function project(call: Call) {
  const id = call.params[0] ?? '';
  const found = call.user && call.state.projects.find((project) => project.key === id || project.id === id);
  if (!found) throw refuse(404, `No project could be found with key '${id}'.`);
  return ok(projectView(call, found));
}

/** Every type of issue goes by the one workflow. */
function projectStatuses(call: Call) {
  project(call);
  const statuses = call.state.workflow.statuses.map((status) => statusView(call, status));
  const types = ['Story', 'Task', 'Bug'];
  return ok(
    types.map((name, index) => ({
      self: `${api(call)}/issuetype/${10001 + index}`,
      id: String(10001 + index),
      name,
      subtask: false,
      statuses,
    })),
  );
}

function projectSearch(call: Call) {
  const startAt = Math.max(0, numberOf(call, 'startAt', 0));
  const maxResults = Math.min(Math.max(1, numberOf(call, 'maxResults', 50)), 100);
  const keys = listOf(call, 'keys');
  const query = call.query.get('query')?.toLowerCase();
  const all = (call.user ? call.state.projects : []).filter(
    ({ key, name }) =>
      (!keys || keys.includes(key)) &&
      (!query || key.toLowerCase().includes(query) || name.toLowerCase().includes(query)),
  );
  const values = all.slice(startAt, startAt + maxResults).map((project) => ({
    ...projectView(call, project),
    style: 'classic',
    isPrivate: false,
    properties: {},
  }));
  const self = `${api(call)}/project/search?maxResults=${maxResults}&startAt=${startAt}`;
  const isLast = startAt + values.length >= all.length;
  return ok({ self, maxResults, startAt, total: all.length, isLast, values });
}

function statuses(call: Call) {
  return ok(call.user ? call.state.workflow.statuses.map((status) => statusView(call, status)) : []);
}

function favourites(call: Call) {
  const own = call.state.filters.filter((filter) => filter.owner === call.user);
  return ok(
    own.map((filter) => ({
      self: `${api(call)}/filter/${filter.id}`,
      id: filter.id,
      name: filter.name,
      owner: userView(call, filter.owner),
      jql: filter.jql,
      viewUrl: `${call.base}/issues/?filter=${filter.id}`,
      searchUrl: `${api(call)}/search${call.cloud ? '/jql' : ''}?jql=${encodeURIComponent(filter.jql)}`,
      favourite: true,
    })),
  );
}
