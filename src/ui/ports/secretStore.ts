import type * as vscode from 'vscode';
import type { Secrets } from '../../sources/jira/credentials';

/** VS Code's SecretStorage by Jira origin. */
export const secretStore = (storage: vscode.SecretStorage): Secrets => ({
  get: async (origin) => storage.get(`jira:${origin}`),
  set: async (origin, value) => storage.store(`jira:${origin}`, value),
  delete: async (origin) => storage.delete(`jira:${origin}`),
});
