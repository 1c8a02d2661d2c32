// What the flags of the commands that judge do: checks, values, plots, reports.
import { BASED, committedScores, forVerbs } from './scenario.ts';
import type { Scenario, Scenarios } from './scenario.ts';

const JSON_FLAG: Scenario = { flag: ['--json'], gains: /^exit \d\n\{[^]*"version": ?1/ };
const OTHER = { 'other.json': '{"z": 1}', 'more.yaml': 'z: 1\n' };
const FILES = { 'pipeline.yaml': BASED, ...OTHER };
const HISTORY: Pick<Scenario, 'before' | 'files'> = { files: FILES, before: committedScores };

const VALUES: Readonly<Record<string, Scenario>> = {
  targets: { ...HISTORY, args: ['show'], flag: ['--targets', 'other.json'], gains: /\bz\b/ },
  rev: { ...HISTORY, args: ['show'], flag: ['--rev', 'v1'], gains: /\b0\.5\b/, loses: /0\.45/ },
  'all-branches': { ...HISTORY, args: ['show'], flag: ['-a'], gains: /\bmain\b/ },
  'all-tags': { ...HISTORY, args: ['show'], flag: ['-T'], gains: /\bv1\b/ },
  'all-commits': { ...HISTORY, args: ['show'], flag: ['-A'], gains: /^[0-9a-f]{10} .*\b0\.5\b/m },
  all: { ...HISTORY, args: ['diff'], flag: ['--all'], gains: /\b(?:n|spare)\b/ },
  'no-path': { ...HISTORY, args: ['diff'], flag: ['--no-path'], loses: /\b(?:j\.json|params\.yaml)\b/ },
  precision: { ...HISTORY, args: ['show'], flag: ['--precision', '1'], loses: /0\.45/ },
  json: { ...HISTORY, ...JSON_FLAG, args: ['show'] },
  md: { ...HISTORY, args: ['show'], flag: ['--md'], gains: /^\| .* \|$/m },
  csv: { ...HISTORY, args: ['show'], flag: ['--csv'], gains: /^[^ ]+,[^ ]+,/m },
};

const DATA = { 'p.csv': 'a,b,c\n1,2,5\n2,4,9\n' };
const CHART: Scenario = { files: DATA, args: ['show', 'p.csv', '--show-vega'], flag: [] };

export const JUDGING_FLAGS: Scenarios = {
  ...forVerbs(['metrics', 'params'], VALUES),
  'metrics --sort-by': { ...HISTORY, args: ['show', '-T'], flag: ['--sort-by', 'r2'], gains: /v1[^]*workspace/ },
  'params --sort-by': { ...HISTORY, args: ['diff'], flag: ['--sort-by', 'change'], gains: /\blr\b[^]*\balpha\b/ },
  'params --deps': { ...HISTORY, args: ['show'], flag: ['--deps'], loses: /\bspare\b/ },
  'check --base': { ...HISTORY, flag: ['--base', 'v1'], gains: /^exit 4/ },
  'check --json': { ...HISTORY, ...JSON_FLAG },
  'check --quiet': { ...HISTORY, flag: ['-q'], loses: /r2 >= base/ },
  'plots --targets': { files: DATA, args: ['show', '--show-vega'], flag: ['--targets', 'p.csv'], gains: /^exit 0/ },
  'plots --template': { ...CHART, flag: ['-t', 'scatter'], loses: /"line"/ },
  'plots --x': { ...CHART, flag: ['-x', 'a'], loses: /"x": 0,/ },
  'plots --y': { ...CHART, flag: ['-y', 'b'], gains: /"series": "b"/ },
  'plots --title': { ...CHART, flag: ['--title', 'Loss of all'], gains: /Loss of all/ },
  'plots --x-label': { ...CHART, flag: ['--x-label', 'Steps'], gains: /"title": "Steps"/ },
  'plots --y-label': { ...CHART, flag: ['--y-label', 'Height'], gains: /"title": "Height"/ },
  'plots --no-header': { ...CHART, flag: ['--no-header'], gains: /"series": "2"/ },
  'plots --out': { files: DATA, args: ['show', 'p.csv'], flag: ['-o', 'page.html'], gains: /FILE page\.html/ },
  'plots --svg': { files: DATA, args: ['show', 'p.csv'], flag: ['--svg', 'drawn'], gains: /FILE drawn\/.*\.svg\n<svg/ },
  'plots --theme': {
    files: DATA,
    args: ['show', 'p.csv', '--svg', 'themed'],
    flag: ['--theme', 'dark'],
    gains: /<svg[^>]*><rect[^>]*fill="#14171d"/,
  },
  // A project of its own, where no page was written yet.
  'plots --static': { files: { ...DATA }, args: ['show', 'p.csv'], flag: ['--static'], loses: /was not built|<script/ },
  'plots --show-vega': { files: DATA, args: ['show', 'p.csv'], flag: ['--show-vega'], gains: /^exit 0\n[{[]/ },
  'plots --json': { files: DATA, args: ['show', 'p.csv'], ...JSON_FLAG },
  'report --output': { flag: ['-o', 'mine.html'], gains: /FILE mine\.html/ },
  'report --base': { ...HISTORY, flag: ['--base', 'v1'], gains: /\bv1\b/ },
  'report --rev': { ...HISTORY, flag: ['--rev', 'v1', '--rev', 'HEAD'], gains: /\bv1\b/ },
  'report --static': { flag: ['--static'], loses: /<script>/ },
  'report --json': JSON_FLAG,
};
