import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const { fs } = vscode.workspace;
const file = vscode.Uri.parse('task-sessions:/PAY-456/docs/tasks/PAY-456/critic.md');

const coded =
  (code: string) =>
  (error: unknown): boolean => {
    assert(error instanceof vscode.FileSystemError, String(error));
    assert.equal(error.code, code);
    return true;
  };

describe('Files of task branches', () => {
  it('are read-only', async () => {
    await assert.rejects(async () => fs.writeFile(file, Buffer.from('x')), coded('NoPermissions'));
    await assert.rejects(async () => fs.delete(file), coded('NoPermissions'));
    await assert.rejects(async () => fs.createDirectory(file), coded('NoPermissions'));
    const target = file.with({ path: `${file.path}.bak` });
    await assert.rejects(async () => fs.rename(file, target), coded('NoPermissions'));
    assert.equal(fs.isWritableFileSystem('task-sessions'), false);
  });

  it('of unknown tasks and outside of the branch are not there', async () => {
    for (const path of ['/NOPE-1/docs/x.md', '/PAY-456/../../etc/passwd', '/', '/PAY-456/.git/config'])
      await assert.rejects(async () => fs.readFile(file.with({ path })), coded('FileNotFound'));
  });
});
