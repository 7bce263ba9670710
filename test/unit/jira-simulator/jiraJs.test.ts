import assert from 'node:assert/strict';
import { startJira, type Jira } from '../../jira/simulator';
import { doc, heading, panel, paragraph } from '../../jira/text/adf';

describe('jira.js runs against the simulator', () => {
  let jira: Jira;
  before(async () => {
    jira = await startJira({ deployment: 'cloud' });
    jira.state.addIssue({
      key: 'PAY-1',
      summary: 'Refunds',
      description: doc(paragraph('x')),
      assignee: 'dana',
    });
    jira.state.addIssue({ key: 'PAY-2', summary: 'Exports', priority: null });
    jira.state.setFields('PAY-1', { labels: ['ai'], resolution: null }, 'pat');
    jira.state.addFilter('Mine', 'assignee = currentUser()', 'dana');
  });
  after(() => jira.close());

  async function client() {
    const { createCloudClient } = await import('jira.js');
    return createCloudClient({
      host: jira.url,
      auth: { type: 'basic', email: 'dana@acme.example', apiToken: 'dana-token' },
      onSchemaMismatch: 'throw',
    });
  }

  it('through sign-in, search, comments, properties, transitions and links', async () => {
    const api = await client();
    const issueIdOrKey = 'PAY-1';
    assert.equal((await api.serverInfo.getServerInfo()).deploymentType, 'Cloud');
    assert.equal((await api.myself.getCurrentUser()).displayName, 'Dana Developer');
    const search = {
      jql: 'project = PAY ORDER BY key',
      fields: ['*all'],
      maxResults: 1,
      properties: ['task-sessions'],
    };
    const first = await api.issueSearch.searchAndReconsileIssuesUsingJqlPost(search);
    assert.equal(first.issues?.[0]?.key, 'PAY-1');
    const nextPageToken = first.nextPageToken;
    assert.ok(nextPageToken);
    const last = await api.issueSearch.searchAndReconsileIssuesUsingJql({ ...search, nextPageToken });
    assert.deepEqual([last.issues?.[0]?.key, last.isLast], ['PAY-2', true]);

    const body = doc(panel('success', heading(3, 'AI Analysis Complete'), paragraph('x')));
    const added = await api.issueComments.addComment({
      issueIdOrKey,
      body: body as never,
      properties: [{ key: 'k', value: 1 }],
    });
    assert.ok(added.id);
    await api.issueComments.updateComment({
      issueIdOrKey,
      id: added.id,
      body: { body: doc(paragraph('y')) } as never,
    });
    const comments = await api.issueComments.getComments({ issueIdOrKey, orderBy: '-created' });
    assert.equal(comments.total, 1);
    const listed = await api.issueComments.getCommentsByIds({
      ids: [Number(added.id)],
      expand: 'properties',
    });
    assert.equal(listed.values?.[0]?.properties?.[0]?.key, 'k');

    await api.issueProperties.setIssueProperty({
      issueIdOrKey,
      propertyKey: 'task-sessions',
      body: { rev: 1 },
    });
    const property = await api.issueProperties.getIssueProperty({
      issueIdOrKey,
      propertyKey: 'task-sessions',
    });
    assert.deepEqual(property.value, { rev: 1 });
    assert.equal((await api.issueProperties.getIssuePropertyKeys({ issueIdOrKey })).keys?.length, 1);
    await api.issueProperties.deleteIssueProperty({ issueIdOrKey, propertyKey: 'task-sessions' });

    const { transitions } = await api.issues.getTransitions({ issueIdOrKey, expand: 'transitions.fields' });
    const review = transitions?.find((transition) => transition.to?.name === 'Ready for Review');
    assert.ok(review?.id);
    await api.issues.doTransition({ issueIdOrKey, transition: { id: review.id } });
    const changes = await api.issues.getChangeLogs({ issueIdOrKey });
    assert.equal(changes.total, 2);
    const issue = await api.issues.getIssue({
      issueIdOrKey,
      expand: 'changelog,renderedFields',
      properties: ['*all'],
    });
    assert.equal(issue.key, 'PAY-1');
    await api.issues.editIssue({ issueIdOrKey, fields: { summary: 'Refunds charge twice' } });
    assert.equal(jira.state.issue('PAY-1').summary, 'Refunds charge twice');

    const link = { globalId: 'g', object: { url: 'https://x.example', title: 'X' } };
    await api.issueRemoteLinks.createOrUpdateRemoteIssueLink({ issueIdOrKey, ...link });
    await api.issueRemoteLinks.getRemoteIssueLinks({ issueIdOrKey });
    assert.equal((await api.projects.searchProjects({})).values?.length, 2);
    assert.equal((await api.userSearch.findUsers({ query: 'dana' })).length, 1);
    assert.equal((await api.filters.getFavouriteFilters({})).length, 1);
  });

  it('into errors of its own kinds', async () => {
    const { isNotFoundError, isRateLimitError } = await import('jira.js/core');
    const api = await client();
    await assert.rejects(api.issues.getIssue({ issueIdOrKey: 'PAY-99' }), (error) => isNotFoundError(error));
    jira.faults.add({ kind: 'rateLimit', retryAfter: 3 }, { times: 1 });
    await assert.rejects(
      api.myself.getCurrentUser(),
      (error) => isRateLimitError(error) && error.retryAfterMs === 3000,
    );
  });
});
