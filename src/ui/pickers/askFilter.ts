import * as vscode from 'vscode';

export interface FilterQuestion {
  title: string;
  placeholder: string;
  /** The filter that holds now. */
  before: string;
  apply(filter: string): void;
}

/** Filters while one types; Escape brings the earlier filter back. */
export function askFilter({ title, placeholder, before, apply }: FilterQuestion): void {
  const input = vscode.window.createInputBox();
  input.title = title;
  input.value = before;
  input.placeholder = placeholder;
  input.prompt = 'Every word must occur. Empty shows all.';
  let accepted = false;
  input.onDidChangeValue((value) => apply(value.trim()));
  input.onDidAccept(() => {
    accepted = true;
    input.hide();
  });
  input.onDidHide(() => {
    if (!accepted) apply(before);
    input.dispose();
  });
  input.show();
}
