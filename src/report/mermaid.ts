// The graph of stages as a Mermaid diagram, coloured by how each stage ended. Text only. Invariant: a stage's name can
// neither end its label nor the block that the diagram stands in.
import type { OutcomeKind } from '../base/reason.ts';
import { terminalText } from '../base/terminal-text.ts';

export interface MermaidStage {
  readonly name: string;
  readonly needs: readonly string[];
  readonly outcome?: OutcomeKind | undefined;
}

/** More than this is refused by Mermaid, unless the page that it draws for says otherwise. */
const MOST_ARROWS = 500;
const MOST_CHARACTERS = 50_000;

export function isTooLargeForMermaid(diagram: string): boolean {
  return diagram.length > MOST_CHARACTERS || diagram.split(' --> ').length - 1 > MOST_ARROWS;
}

/** Dark text on light ground, so that it can be read on any page. */
const COLOURS: Readonly<Partial<Record<OutcomeKind, string>>> = {
  ran: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  restored: 'fill:#ddf4ff,stroke:#0969da,color:#1f2328',
  failed: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328',
  blocked: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  cancelled: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
};

export function renderMermaid(stages: readonly MermaidStage[]): string {
  const ids = new Map(stages.map((stage, at) => [stage.name, `s${at}`]));
  const used = new Set(stages.flatMap(({ outcome }) => (outcome !== undefined && COLOURS[outcome] ? [outcome] : [])));
  const lines = ['flowchart LR'];
  for (const [at, { name, outcome }] of stages.entries())
    lines.push(`  s${at}["${mermaidLabel(name)}"]${outcome !== undefined && used.has(outcome) ? `:::${outcome}` : ''}`);
  for (const [at, { needs }] of stages.entries())
    for (const need of needs) {
      const from = ids.get(need);
      if (from !== undefined) lines.push(`  ${from} --> s${at}`);
    }
  for (const outcome of used) lines.push(`  classDef ${outcome} ${COLOURS[outcome] ?? ''}`);
  return lines.join('\n');
}

/** Everything but plain letters as a number, in Mermaid's own form; what moves or hides text is shown instead. */
export function mermaidLabel(name: string): string {
  const shown = terminalText(name.toWellFormed(), { colour: false });
  return shown.replaceAll(/[^\p{L}\p{N} ×_@./-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);
}
