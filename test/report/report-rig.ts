// A project whose last run went wrong in every way that a report tells of, and one in which everything is a trap.
import { show } from '../rig/in-process.ts';
import { Workspace } from '../rig/workspace.ts';

const PIPELINE = `stages:
  prepare: { cmd: cp in.txt data, deps: [in.txt], outs: [data], desc: Copies the raw data }
  train:
    matrix: { n: [1, 2] }
    cmd: sh train.sh \${item.n}
    deps: [data, train.sh]
    params: [lr]
    metrics: ["m\${item.n}.json"]
    plots: ["curve\${item.n}.csv": { x: step, y: loss, title: "Loss of model \${item.n}" }]
    checks: ["r2 > 0.8", { expr: "rmse < 0.25", severity: warn }, "r2 >= base - 0.01"]
  tell: { cmd: "echo told", deps: [m1.json] }
  evaluate:
    cmd: for i in 1 2 3; do echo step $i; done; grep -q false params.yaml && echo ok > e || exit 3
    deps: [data]
    params: [broken]
    outs: [e]
`;

const TRAIN = `lr=$(grep '^lr' params.yaml | cut -d' ' -f2)
printf 'step,loss\\n0,1\\n1,%s\\n' "$lr" > curve$1.csv
if [ "$lr" = 0.1 ]; then r2=0.9 rmse=0.2; else r2=0.7 rmse=0.4; fi
printf '{"r2": %s, "rmse": %s, "n": %s}' $r2 $rmse "$1" > m$1.json
`;

/** To be disposed of. The good state is committed; then two params were changed and everything ran again. */
export async function failedProject(): Promise<Workspace> {
  const workspace = new Workspace({
    'pipeline.yaml': PIPELINE,
    'params.yaml': 'lr: 0.1\nbroken: false\n',
    'train.sh': TRAIN,
    'in.txt': 'x',
    '.gitignore': '.repro\ndata\ncurve*\nm*.json\ne\n*.html\n',
  });
  await show(workspace, ['run', '-q']);
  workspace.gitInit();
  workspace.write({ 'params.yaml': 'lr: 0.5\nbroken: true\n' });
  await show(workspace, ['run', '-k', '-q'], { code: 1 });
  return workspace;
}

/** Runs when it is taken for markup or for a script, and is seen as text when it is not. */
export const TRAP = `</script><img src=x onerror="pwned=1"><svg onload="pwned=1"></svg>`;

/** To be disposed of. Whatever has a name or a value in a project, has this one. */
export async function hostileProject(): Promise<Workspace> {
  const noise = `\\033]0;title\\007\\033[31mred\\r\\nover\\u202e\\u2028`;
  const pipeline = {
    stages: {
      [`a ${TRAP.replaceAll('/', '|')}`]: {
        desc: `javascript:pwned=1 ${TRAP}`,
        cmd: `cat "$REPRO_PARAMS" > /dev/null; cp metric.src 'm <img src=x onerror=pwned=1>.json'; cp plot.src 'p"><script>pwned=1<|script>.csv'`,
        deps: ['metric.src', 'plot.src', '"><script>pwned=1<|script>.txt'],
        params: [TRAP.replaceAll('.', ' ')],
        metrics: ['m <img src=x onerror=pwned=1>.json'],
        plots: [{ 'p"><script>pwned=1<|script>.csv': { x: 'x', y: 'y', title: TRAP, x_label: TRAP, y_label: TRAP } }],
        checks: [`"m <img src=x onerror=pwned=1>.json":r2 > 0.5`],
      },
      fails: {
        cmd: `printf '%b' '${TRAP} ${noise} --> <!-- ]]> \\0 end\\n'; exit 3`,
        deps: ['metric.src'],
      },
    },
  };
  const workspace = new Workspace({
    'pipeline.yaml': pipeline,
    'params.yaml': { [TRAP.replaceAll('.', ' ')]: TRAP },
    'metric.src': { r2: 0.1, [TRAP]: 1, 'javascript:pwned=1': 2, text: TRAP, nan: '\u202e\u0000\u2028' },
    'plot.src': `x,y,"${TRAP.replaceAll('"', '""')}"\n0,1,2\n"=1+1 ${TRAP.replaceAll('"', '""')}",2,3\n2,"${TRAP.replaceAll('"', '""')}",1\n3,4,1\n`,
    '"><script>pwned=1<|script>.txt': 'x',
    '.gitignore': '.repro\n*.html\n',
  });
  workspace.git('init', '--quiet', '--initial-branch=<img-src=x-onerror=pwned=1>');
  workspace.git('add', '--all');
  workspace.git('commit', '--quiet', '--message', TRAP);
  await show(workspace, ['run', '-k', '-q'], { code: 1 });
  workspace.git('add', '--all');
  workspace.git('commit', '--quiet', '--message', `second ${TRAP}`);
  workspace.write({ 'metric.src': { r2: 0.2, [TRAP]: 3 }, 'params.yaml': { [TRAP.replaceAll('.', ' ')]: `${TRAP}2` } });
  await show(workspace, ['run', '-k', '-q'], { code: 1 });
  return workspace;
}
