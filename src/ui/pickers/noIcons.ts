/** Text from outside for a list's label, which would draw `$(name)` as an icon. */
export const noIcons = (text: string): string => text.replaceAll('$(', '$ (');
