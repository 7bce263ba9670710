import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

describe('The extension', () => {
  it('is present, activates, and registers every command that it contributes', async () => {
    const extension = vscode.extensions.getExtension('task-sessions.task-sessions');
    assert(extension, 'task-sessions.task-sessions is not among the extensions');
    await extension.activate();
    assert.equal(extension.isActive, true);

    const { contributes } = extension.packageJSON as Manifest;
    const contributed = contributes?.commands?.map(({ command }) => command) ?? [];
    assert.notEqual(contributed.length, 0, 'package.json contributes no commands');
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributed.filter((command) => !registered.has(command)),
      [],
      'contributed, but not registered',
    );
  });
});
