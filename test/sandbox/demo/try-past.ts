import { writePast } from './past.ts';
import { startProject } from '../project.ts';
import { weekScenario } from './week.ts';
import { mkdtempSync } from 'node:fs';
const DAY=86400_000;
const m=Math.floor(Date.now()/DAY)*DAY; const start=m-9*DAY;
const p=await startProject({plan:weekScenario,start:new Date(start),now:()=>new Date(m+9*3600e3)});
const t=performance.now();
const d=mkdtempSync('/tmp/past-');
try { await writePast({directory:d,clusters:p.scenario.clusters.filter(c=>c.plan.tier!=='M0'),start,until:m+9*3600e3}); } catch(e){console.log(e)}
console.log(performance.now()-t, d);
await p.close();
