// The reference page of the pipeline file: written by hand, but for what stands between `<!-- fields: NAME -->` and
// `<!-- end -->`, which is made from the field table. Rendering a rendered page changes nothing. Knows no file.
import { shapeText } from './decode.ts';
import { CHECK_FIELDS, DEP_FIELDS, OUT_FIELDS, PLOT_FIELDS, RETRY_FIELDS } from './schema-parts.ts';
import { ARTIFACT_FIELDS, FOREACH_FIELDS, MATRIX_FIELDS, STAGE_FIELDS, TOP_FIELDS, TOP_PLOT_FIELDS } from './schema.ts';
import { hasShape } from './shape.ts';
import type { Field } from './shape.ts';

const GROUPS: Readonly<Record<string, readonly Field[]>> = {
  top: TOP_FIELDS,
  'top-plot': TOP_PLOT_FIELDS,
  artifact: ARTIFACT_FIELDS,
  stage: STAGE_FIELDS,
  matrix: MATRIX_FIELDS,
  foreach: FOREACH_FIELDS,
  dep: DEP_FIELDS,
  out: OUT_FIELDS,
  plot: PLOT_FIELDS,
  check: CHECK_FIELDS,
  retry: RETRY_FIELDS,
};

/** The names of the groups, each of which the page should show. */
export const FIELD_GROUPS: readonly string[] = Object.keys(GROUPS);

export function renderReferencePage(page: string): string {
  return page.replaceAll(
    /^(<!-- fields: (\S+) -->)$.*?^(<!-- end -->)$/gms,
    (old, start: string, name: string, end: string) => {
      const fields = GROUPS[name];
      return fields ? `${start}\n\n${renderGroup(fields)}\n\n${end}` : old;
    },
  );
}

function renderGroup(fields: readonly Field[]): string {
  return fields
    .filter((field) => hasShape(field, 'repro'))
    .map(renderField)
    .join('\n\n');
}

function renderField(field: Field): string {
  const marks = [
    ...(field.required === true ? ['required'] : []),
    ...(field.only === 'repro' ? ['not in `dvc.yaml`'] : []),
  ];
  const after = marks.length > 0 ? ` (${marks.join(', ')})` : '';
  const head = `- **\`${field.name}\`**: ${shapeText(field.shape, 'repro')}${after}. ${field.description}`;
  return field.example === undefined ? head : `${head}\n\n  \`\`\`yaml\n  ${field.example}\n  \`\`\``;
}
