// What the page of the graph has beyond the style of reports. With scripts it fills the window; without them, and on paper,
// it is a drawing with text below.

export const GRAPH_STYLE = `
h2{border-top:0;margin-top:14px;overflow-wrap:anywhere}
#legend ul{list-style:none;padding:0;margin:8px 0}
header,main{max-width:none}
.stage:focus{outline:none}
[data-scripts] .back{display:block}.back{display:none}
.graph .node.hit>a>rect:not(.mark){stroke:var(--link);stroke-width:2.4}
.graph .node.off{opacity:.28}
.graph .node.picked>a>rect:not(.mark){stroke:var(--link);stroke-width:3}
.graph .edge.lit{stroke:var(--link);stroke-width:2.4}
.graph.moving{cursor:grabbing}
@media screen{
[data-scripts] body{height:100vh;display:grid;grid-template-rows:auto minmax(0,1fr)}
[data-scripts] header{display:flex;flex-wrap:wrap;gap:4px 28px;align-items:center;justify-content:space-between;padding:8px 16px;border-bottom:1px solid var(--line);width:100%}
[data-scripts] h1{font-size:18px;margin:0}[data-scripts] header .dim{margin:0;font-size:13px}[data-scripts] .tools{margin:4px 0}
[data-scripts] main{display:grid;grid-template-columns:minmax(0,1fr) minmax(260px,380px);padding:0;width:100%;min-height:0}
[data-scripts] #viewport,[data-scripts] #viewport .scroll{height:100%;margin:0;overflow:hidden;min-height:0}
[data-scripts] svg.graph{width:100%;height:100%;max-width:none;cursor:grab;touch-action:none}
[data-scripts] #panel{overflow:auto;border-left:1px solid var(--line);padding:0 16px 24px;background:var(--paper)}
[data-scripts] #panel>section{display:none}[data-scripts] #panel>section.shown{display:block}
[data-scripts] .facts{grid-template-columns:minmax(0,1fr);gap:2px}[data-scripts] .facts dd{margin:0 0 8px}
}
@media screen and (max-width:760px){[data-scripts] main{grid-template-columns:minmax(0,1fr);grid-template-rows:minmax(0,3fr) minmax(0,2fr)}[data-scripts] #panel{border-left:0;border-top:1px solid var(--line)}}
`;
