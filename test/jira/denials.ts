import type { Permission, User } from './entities';

/** Permissions that were taken away, issue by issue; all others are given. */
export class Denials {
  /** Account ids by issue and permission; `*` stands for everybody. */
  private readonly denied = new Map<string, Set<string>>();

  deny(key: string, permission: Permission, user: User | undefined): void {
    const id = `${key} ${permission}`;
    this.denied.set(id, (this.denied.get(id) ?? new Set()).add(user?.accountId ?? '*'));
  }

  allow(key: string, permission: Permission): void {
    this.denied.delete(`${key} ${permission}`);
  }

  has(key: string, permission: Permission, user: User): boolean {
    const denied = this.denied.get(`${key} ${permission}`);
    return denied !== undefined && (denied.has('*') || denied.has(user.accountId));
  }
}
