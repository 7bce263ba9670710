import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

/** Node tells these channels of every process, connection and request, in the stack of whoever makes it. */
const channels = ['child_process', 'net.client.socket', 'http.client.request.start'];

function ours(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension('task-sessions.task-sessions');
  assert(extension, 'task-sessions.task-sessions is not among the extensions');
  return extension;
}

describe('The extension', () => {
  it('activates without a process, connection or request', async () => {
    const extension = ours();
    assert.equal(extension.isActive, false, 'somebody has activated it before');
    const made: string[] = [];
    const note = (_message: unknown, name: string | symbol): void => {
      const { stack = '' } = new Error(String(name));
      // What comes after `activate` has returned is its background work.
      if (/at activate .*dist.extension\.js/.test(stack)) made.push(stack);
    };
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 200;
    for (const channel of channels) subscribe(channel, note);
    try {
      await extension.activate();
    } finally {
      for (const channel of channels) unsubscribe(channel, note);
      Error.stackTraceLimit = limit;
    }
    assert.deepEqual(made, []);
    assert.equal(extension.isActive, true);
  });

  it('registers every command that it contributes', async () => {
    const { contributes } = ours().packageJSON as Manifest;
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
