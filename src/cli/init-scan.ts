// What a folder tells about the pipeline that may be in it: scripts with telling names, scripts of package.json, data, params.
// Looks at names and at the texts of what it found; starts nothing, and guesses no outs.
import { isRefusal, readFolder, readText, statPath } from '../base/fs.ts';

export interface FoundStage {
  readonly name: string;
  readonly cmd: string;
  /** Files that surely are inputs: the script itself. */
  readonly deps: readonly string[];
  /** Paths in the text of the script that are there: inputs or outs, nobody can tell. */
  readonly mentions: readonly string[];
  /** A key of params.yaml with the name of the stage. */
  readonly param?: string;
}

export interface FoundFolder {
  readonly stages: readonly FoundStage[];
  readonly hasParams: boolean;
}

const PLACES = ['', 'scripts/', 'stages/', 'src/'] as const;
const SCRIPT = /^(?:\d+[-_])?([A-Za-z][\w-]*)\.(ts|mts|js|mjs|cjs|py|sh|R|r)$/;

/** Words for what a pipeline does, in the order in which it does it. */
const STEPS: readonly (readonly string[])[] = [
  ['generate', 'download', 'fetch', 'ingest', 'get', 'load', 'extract'],
  ['prepare', 'preprocess', 'clean', 'process', 'transform', 'split'],
  ['featurize', 'features', 'encode'],
  ['train', 'fit', 'tune'],
  ['predict', 'infer'],
  ['evaluate', 'eval', 'score', 'validate'],
  ['compare', 'report', 'plot', 'plots'],
];

/** npm runs these by itself, or they are about the package. */
const LIFECYCLE = new Set(['prepare', 'preprocess']);
const MOST_STAGES = 12;
const MOST_TEXT = 200_000;

export function scanFolder(folder: string): FoundFolder {
  const params = readText(`${folder}/params.yaml`);
  const keys = new Set([...(params ?? '').matchAll(/^([A-Za-z][\w-]*):/gm)].map(([, key]) => key ?? ''));
  const found = new Map<string, FoundStage>();
  for (const stage of [...packageStages(folder), ...fileStages(folder)])
    if (!found.has(stage.name)) found.set(stage.name, keys.has(stage.name) ? { ...stage, param: stage.name } : stage);
  const ordered = [...found.values()].sort((a, b) => stepOf(a.name) - stepOf(b.name) || (a.name < b.name ? -1 : 1));
  return { stages: ordered.slice(0, MOST_STAGES), hasParams: params !== null };
}

function stepOf(name: string): number {
  const words = name.toLowerCase().split(/[-_]/);
  return STEPS.findIndex((step) => step.includes(words[0] ?? '') || step.includes(words.at(-1) ?? ''));
}

function packageStages(folder: string): FoundStage[] {
  return Object.entries(packageScripts(folder)).flatMap(([name, cmd]) => {
    if (stepOf(name) < 0 || LIFECYCLE.has(name) || !/^[\w-]+$/.test(name)) return [];
    if (typeof cmd !== 'string' || cmd.trim() === '' || cmd.includes('${') || /\brepro\b/.test(cmd)) return [];
    const words = cmd.split(/[\s'"=]+/).map((word) => word.replace(/^\.\//, ''));
    const deps = words.filter((word) => SCRIPT.test(word.slice(word.lastIndexOf('/') + 1)) && isFile(folder, word));
    return [{ name, cmd, deps: [...new Set(deps)], mentions: deps.flatMap((path) => mentionsOf(folder, path)) }];
  });
}

function packageScripts(folder: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(readText(`${folder}/package.json`) ?? '{}');
    const scripts = typeof found === 'object' && found !== null && 'scripts' in found ? found.scripts : undefined;
    return typeof scripts === 'object' && scripts !== null ? { ...scripts } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function fileStages(folder: string): FoundStage[] {
  return PLACES.flatMap((place) =>
    namesIn(`${folder}/${place}`).flatMap((file): FoundStage[] => {
      const [, name = '', extension = ''] = SCRIPT.exec(file) ?? [];
      const path = place + file;
      if (name === '' || stepOf(name) < 0 || !isFile(folder, path)) return [];
      return [
        {
          name,
          cmd: `${interpreter(folder, path, extension)} ${path}`,
          deps: [path],
          mentions: mentionsOf(folder, path),
        },
      ];
    }),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readFolder(folder)
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isRefusal(error) || statPath(folder) === null) return [];
    throw error;
  }
}

function interpreter(folder: string, path: string, extension: string): string {
  switch (extension) {
    case 'py':
      return isFile(folder, '.venv/bin/python') ? '.venv/bin/python' : 'python3';
    case 'sh':
      return /^#!.*\bbash/.test(readText(`${folder}/${path}`) ?? '') ? 'bash' : 'sh';
    case 'R':
    case 'r':
      return 'Rscript';
    default:
      return 'node';
  }
}

/** Quoted words of the text that name a file or folder here. */
function mentionsOf(folder: string, path: string): string[] {
  const text = (readText(`${folder}/${path}`) ?? '').slice(0, MOST_TEXT);
  const words = [...text.matchAll(/['"`\s<>]((?:\.\/)?[\w-]+(?:[/.][\w-]+)+\/?)(?=['"`\s;])/g)].map(([, word = '']) =>
    word.replace(/^\.\//, '').replace(/\/$/, ''),
  );
  const there = words.filter((word) => /[/.]/.test(word) && word !== path && statPath(`${folder}/${word}`) !== null);
  return [...new Set(there)].filter((word) => !/^(?:node_modules|params\.ya?ml)/.test(word)).slice(0, 5);
}

function isFile(folder: string, path: string): boolean {
  return statPath(`${folder}/${path}`)?.isFile() ?? false;
}
