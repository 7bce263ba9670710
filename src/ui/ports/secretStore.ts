import type * as vscode from 'vscode';
import type { Secrets } from '../../sources/jira/credentials';

/** VS Code's SecretStorage: Jira's tokens by origin, addresses of webhooks by the webhook's name. */
export const secretStore = (storage: vscode.SecretStorage, what: 'jira' | 'webhook'): Secrets => ({
  get: async (name) => storage.get(`${what}:${name}`),
  set: async (name, value) => storage.store(`${what}:${name}`, value),
  delete: async (name) => storage.delete(`${what}:${name}`),
});
