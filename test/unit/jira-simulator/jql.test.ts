import assert from 'node:assert/strict';
import { compile } from '../../jira/jql/evaluate';
import { order } from '../../jira/jql/fields';
import { JqlError, parseJql } from '../../jira/jql/parse';
import { JiraState } from '../../jira/state';
import { Clock } from '../../jira/time';

const NOON = Date.UTC(2026, 7, 24, 12, 0, 30);
const MINUTE = 60_000;

describe('the simulator evaluates JQL', () => {
  const state = new JiraState(new Clock(NOON), () => 0);
  state.addIssue({
    key: 'PAY-1',
    summary: 'Refunds charge twice',
    priority: 'High',
    assignee: 'dana',
    at: NOON - 20 * MINUTE,
  });
  state.addIssue({
    key: 'PAY-2',
    summary: 'Export ignores time zone',
    priority: null,
    labels: ['ai'],
    at: NOON - 10 * MINUTE,
  });
  state.addIssue({
    key: 'PAY-10',
    summary: 'Done long ago',
    status: 'Done',
    priority: 'Low',
    assignee: 'sam',
    parent: 'PAY-1',
    at: NOON - 3 * 24 * 60 * MINUTE,
  });
  state.addIssue({
    key: 'PORTAL-1',
    summary: 'Login loops',
    type: 'Bug',
    status: 'In Review',
    assignee: 'dana',
    sprint: { id: 7, name: 'Sprint 7', state: 'active' },
    description: 'The redirect never ends.',
    at: NOON - MINUTE,
  });
  state.addFilter('Mine', 'assignee = currentUser() ORDER BY key', 'dana');

  function search(jql: string, user = 'dana'): string {
    const { where, orderBy } = parseJql(jql);
    const test = where ? compile(where, { state, user: state.user(user) }) : () => true;
    const found = order(state.issues.filter(test), orderBy);
    return found.map((issue) => issue.key).join(' ');
  }

  const finds: [jql: string, keys: string][] = [
    ['project = PAY', 'PAY-10 PAY-2 PAY-1'],
    ['project = "Customer Portal"', 'PORTAL-1'],
    ['project in (PAY, PORTAL) ORDER BY key', 'PAY-1 PAY-2 PAY-10 PORTAL-1'],
    ['project = PAY order by key desc', 'PAY-10 PAY-2 PAY-1'],
    ['assignee = currentUser() AND StatusCategory != Done ORDER BY updated DESC', 'PORTAL-1 PAY-1'],
    ['assignee = "sam@acme.example"', 'PAY-10'],
    ['assignee is EMPTY', 'PAY-2'],
    ['assignee is not empty and project = PAY order by key', 'PAY-1 PAY-10'],
    ['assignee != currentUser()', 'PAY-10'],
    ['status = "in review"', 'PORTAL-1'],
    ['status not in ("To Do", Done)', 'PORTAL-1'],
    ['statusCategory = "In Progress"', 'PORTAL-1'],
    ['labels = ai', 'PAY-2'],
    ['labels is EMPTY AND project = PAY', 'PAY-10 PAY-1'],
    ['priority is EMPTY', 'PAY-2'],
    ['priority >= Medium ORDER BY priority DESC', 'PAY-1 PORTAL-1'],
    ['issuetype = Bug', 'PORTAL-1'],
    ['parent = PAY-1', 'PAY-10'],
    ['key in (PAY-1, pay-2)', 'PAY-2 PAY-1'],
    ['sprint in openSprints()', 'PORTAL-1'],
    ['resolution = Unresolved AND key = PAY-1', 'PAY-1'],
    ['summary ~ "charge twice"', 'PAY-1'],
    ['text ~ redirect', 'PORTAL-1'],
    ['summary !~ done AND project = PAY', 'PAY-2 PAY-1'],
    ['filter = Mine', 'PORTAL-1 PAY-1'],
    ['updated >= -15m', 'PORTAL-1 PAY-2'],
    ['updated >= -20m ORDER BY updated ASC', 'PAY-1 PAY-2 PORTAL-1'],
    ['created < -2d', 'PAY-10'],
    ['updated >= startOfDay()', 'PORTAL-1 PAY-2 PAY-1'],
    // Dana lives in Berlin, two hours ahead of UTC in August.
    ['updated >= "2026-08-24 13:59"', 'PORTAL-1'],
    ['updated >= "2026/08/24 13:50" AND updated <= "2026-08-24 13:50"', 'PAY-2'],
    ['NOT project = PAY', 'PORTAL-1'],
    ['(project = PAY OR project = PORTAL) AND NOT (assignee = sam OR assignee is EMPTY)', 'PORTAL-1 PAY-1'],
    ['project = PAY AND priority = High OR status = Done', 'PAY-10 PAY-1'],
    ["summary ~ 'say \\'twice\\'' OR key = PAY-2", 'PAY-2'],
  ];
  for (const [jql, keys] of finds) {
    it(`finds ${keys} by ${jql}`, () => assert.equal(search(jql), keys));
  }

  it('reads dates in the zone of the user who searches', () => {
    assert.equal(search('updated >= "2026-08-24 07:59"', 'sam'), 'PORTAL-1');
  });

  it('begins days at midnight of that zone', () => {
    const oneInTheMorning = Date.UTC(2026, 7, 23, 23);
    const own = new JiraState(new Clock(NOON), () => 0);
    const issue = own.addIssue({ key: 'PAY-1', summary: 'x', at: oneInTheMorning });
    const today = (user: string) => {
      const { where } = parseJql('created >= startOfDay()');
      return where && compile(where, { state: own, user: own.user(user) })(issue);
    };
    assert.deepEqual([today('dana'), today('claude')], [true, false]);
  });

  const refusals: [jql: string, says: RegExp][] = [
    ['flavour = sweet', /Field 'flavour' does not exist/],
    ['project = NOPE', /The value 'NOPE' does not exist for the field 'project'/],
    ['status = Nope', /The value 'Nope' does not exist for the field 'status'/],
    ['key = PAY-999', /An issue with key 'PAY-999' does not exist/],
    ['project =', /Expecting a value/],
    ['project PAY', /Expecting operator but got 'PAY'/],
    ['(project = PAY', /Expecting '\)'/],
    ['project = PAY ORDER key', /Expecting 'BY'/],
    ['project = PAY key = PAY-1', /'OR' or 'AND'/],
    ['updated >= yesterday', /Date value 'yesterday'/],
    ['summary = x', /operator '=' is not supported/],
    ['project = PAY ORDER BY a, b, c, d, e, f, g, h', /limit of 7/],
    ['assignee = nobody()', /Unable to find JQL function 'nobody\(\)'/],
  ];
  for (const [jql, says] of refusals) {
    it(`refuses ${jql}`, () => {
      assert.throws(
        () => search(jql),
        (error) => error instanceof JqlError && says.test(error.message),
      );
    });
  }
});
