// `repro graph --html`: the graph as a page, with the state of each stage.
import { basename } from 'node:path';
import type { Workspace } from '../plan/workspace.ts';
import { gatherStages } from '../report/gather-report.ts';
import { renderGraphPage } from '../report/graph-page.ts';
import type { Invocation } from './command.ts';
import { writePage } from './page-file.ts';
import { reasonText } from './reason-text.ts';

export async function writeGraphPage(
  invocation: Invocation,
  workspace: Workspace,
  order: readonly number[],
): Promise<number> {
  const { stages } = await gatherStages(workspace, { order }, { words: reasonText });
  workspace.close();
  const project = basename(workspace.place.root);
  writePage(invocation, workspace.place, 'graph.html', renderGraphPage({ project, file: workspace.file, stages }));
  return 0;
}
