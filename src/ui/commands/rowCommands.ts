/** The part of package.json that says where commands are offered. */
interface Manifest {
  readonly contributes: {
    readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
  };
}

/** Ids of the commands that act on the row of a view where they are chosen on one. */
export function rowCommands({ contributes: { menus } }: Manifest): ReadonlySet<string> {
  const idsIn = (menu: string): string[] => (menus[menu] ?? []).flatMap(({ command }) => command ?? []);
  // From a title they are called on the row that has the keyboard, if there is one.
  const inTitles = new Set(idsIn('view/title'));
  return new Set(idsIn('view/item/context').filter((id) => !inTitles.has(id)));
}
