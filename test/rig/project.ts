// A workspace that goes away with the test that asked for it.
import { onTestFinished } from 'vitest';
import { Workspace, type Files } from './workspace.ts';

export function project(files: Files = {}): Workspace {
  const workspace = new Workspace(files);
  onTestFinished(() => workspace.dispose());
  return workspace;
}
