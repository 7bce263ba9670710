import assert from 'node:assert/strict';
import { contributes } from '../../../package.json';
import { rowCommands } from '../../../src/ui/commands/rowCommands';

describe('Commands on rows', () => {
  it('are those of their menus, but for what a title offers too', () => {
    const ids = rowCommands({ contributes });
    for (const id of ['resume', 'approve', 'link', 'copySessionId', 'stopRun'])
      assert.ok(ids.has(`taskSessions.${id}`), id);
    for (const id of ['settle', 'refresh', 'filter']) assert.ok(!ids.has(`taskSessions.${id}`), id);
  });
});
