import type { Locator } from 'playwright-core';

/** What a person looks for: a part of the text, or a pattern. */
export type Wanted = string | RegExp;

/** A pattern that matches exactly this text, blanks around it aside. */
export function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}

/** Texts as shown: blanks of every kind become one space. */
export async function texts(locator: Locator): Promise<string[]> {
  return (await locator.allTextContents()).map(plain);
}

export function plain(text: string | null): string {
  return (text ?? '').replace(/[\s\u00a0\u200b]+/g, ' ').trim();
}
