// The style sheet of reports: light and dark by the reader's setting, narrow and wide, on paper. Plain CSS, no names of others.

export const REPORT_STYLE = `
:root{color-scheme:light dark;--ink:#1d2433;--dim:#586173;--line:#d5dae3;--paper:#fff;--box:#f5f6f9;--good:#1b7a3d;--bad:#b3261e;--warn:#8a5200;--link:#1f5fbf;--edge:#9aa3b2}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#a7afbd;--line:#384052;--paper:#14171d;--box:#1d222b;--good:#5fce86;--bad:#ff8f86;--warn:#f0b45a;--link:#8db8ff;--edge:#6b7588}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;background:var(--paper)}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:28px}main{padding-bottom:40px}footer{padding-bottom:40px}
h1{font-size:28px;line-height:1.25;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:20px;margin:40px 0 10px;padding-top:8px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:22px 0 6px;overflow-wrap:anywhere}
p{margin:8px 0;max-width:80ch;overflow-wrap:anywhere}.dim{color:var(--dim)}
a{color:var(--link)}:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,pre{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}code{overflow-wrap:anywhere}
pre{background:var(--box);border:1px solid var(--line);border-radius:8px;padding:10px 12px;margin:8px 0;max-height:420px;white-space:pre}
pre.command{white-space:pre-wrap;overflow-wrap:anywhere;max-height:none}
.skip a{position:absolute;left:-999px}.skip a:focus{left:8px;top:8px;background:var(--paper);padding:8px}
.kicker{color:var(--dim);margin:0;font-size:13px}
.verdict{border:1px solid currentColor;border-left-width:6px;border-radius:8px;padding:10px 14px;margin:16px 0;font-weight:600;max-width:none}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.plain{color:inherit}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:8px 0}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:14px 0}
.figure{background:var(--box);border:1px solid var(--line);border-radius:8px;padding:8px 14px;min-width:110px;max-width:100%;color:var(--ink)}
.figures dt{color:var(--dim);font-size:13px}.figures dd{margin:0;font-size:17px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figure.good dd{color:var(--good)}.figure.bad dd{color:var(--bad)}.figure.warn dd{color:var(--warn)}
.facts{display:grid;grid-template-columns:minmax(90px,max-content) minmax(0,1fr);gap:4px 16px;margin:8px 0}
.facts dt{color:var(--dim)}.facts dd{margin:0;overflow-wrap:anywhere}.facts ul{margin:0;padding-left:18px}.facts li{padding:2px 0}
.facts pre{margin:0}
.scroll{overflow:auto;margin:10px 0;max-width:100%}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--dim);font-size:13px;padding-bottom:4px}
thead th{text-align:left;font-size:13px;color:var(--dim);font-weight:600;white-space:nowrap}
tbody th{text-align:left;font-weight:400;min-width:130px}
th,td{padding:6px 18px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
th:last-child,td:last-child{padding-right:2px}
.right{text-align:right;white-space:nowrap}thead th.right{text-align:right}
td code{overflow-wrap:normal}
thead button{all:unset;cursor:pointer;color:inherit;font-weight:600}thead button:focus-visible{outline:2px solid var(--link)}
th[aria-sort] button::after{content:"";margin-left:4px}
th[aria-sort=ascending] button::after{content:"\u2191"}th[aria-sort=descending] button::after{content:"\u2193"}
.badge{display:inline-block;border:1px solid currentColor;border-radius:999px;padding:0 9px;font-size:13px;white-space:nowrap}
.badge.plain{color:var(--dim)}
details{border:1px solid var(--line);border-radius:8px;margin:8px 0;padding:0 14px}
summary{cursor:pointer;padding:8px 0;overflow-wrap:anywhere}summary strong{font-weight:600;margin-right:8px}
.folded{padding-bottom:12px;scroll-margin-top:64px}
.tools{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:end;margin:10px 0}.tools[hidden]{display:none}
.tools label{display:grid;gap:2px;font-size:13px;color:var(--dim)}
input,select,.tools button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--edge);border-radius:6px;padding:5px 9px;max-width:100%}
.tools button{cursor:pointer;min-width:34px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:26px 24px}
figure{margin:0;min-width:0}figcaption{font-weight:600;margin-bottom:6px;overflow-wrap:anywhere}
img{max-width:100%;height:auto;display:block}
svg.graph{display:block}
.graph .edge{fill:none;stroke:var(--edge);stroke-width:1.3}
.graph .node rect{fill:var(--box);stroke:var(--edge)}.graph .node .mark{stroke:none;fill:var(--dim)}
.graph .node.good .mark{fill:var(--good)}.graph .node.bad .mark{fill:var(--bad)}.graph .node.warn .mark{fill:var(--warn)}
.graph .node.bad>a>rect:not(.mark){stroke:var(--bad);stroke-width:1.6}
.graph text{font:12.5px system-ui,sans-serif;fill:var(--ink)}.graph text.note{font-size:11px;fill:var(--dim)}
.graph .node.bad text.note{fill:var(--bad)}.graph .node.warn text.note{fill:var(--warn)}
.graph a{text-decoration:none;outline:none}.graph a:focus-visible rect:not(.mark),.graph a:hover rect:not(.mark){stroke:var(--link);stroke-width:2.4}
@media (max-width:560px){header,main,footer{padding-left:12px;padding-right:12px}h1{font-size:23px}tbody th{min-width:110px;max-width:180px;overflow-wrap:anywhere}.facts{grid-template-columns:minmax(0,1fr)}.facts dd{margin-bottom:6px}}
@media print{:root{--ink:#000;--dim:#444;--line:#bbb;--paper:#fff;--box:#f6f6f6;--good:#14602f;--bad:#9b1c15;--warn:#6e4200;--link:#000;--edge:#777}
body{font-size:10.5pt}header,main,footer{max-width:none;padding-left:0;padding-right:0}nav,.tools{display:none}
tr,figure,.figure,pre{break-inside:avoid}h2,h3,summary{break-after:avoid}pre{white-space:pre-wrap;max-height:none}.scroll{overflow:visible}svg.graph{max-width:100%;height:auto}a{text-decoration:none}}
`;
