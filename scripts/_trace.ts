import hre from "hardhat";
import { readFileSync } from "node:fs";
const { createWorld } = await import("/work/main/runner/world.ts");
const { runStory } = await import("/work/main/runner/run.ts");
const { readScenario } = await import("/work/main/runner/story.ts");
let conn: any; const orig = hre.network.connect.bind(hre.network);
(hre.network as any).connect = async (...a: any[]) => (conn = await orig(...a as []));
const world = await createWorld();
const { story } = readScenario(readFileSync(process.argv[2]!, "utf8"));
await runStory(world, story!);
const n = Number(await conn.provider.request({ method: "eth_blockNumber" }));
const want = Number(process.argv[3] ?? 1);
let seen = 0;
for (let b = n; b > 0; b--) {
  const blk = await conn.provider.request({ method: "eth_getBlockByNumber", params: ["0x" + b.toString(16), true] });
  if (!blk.transactions.length) continue;
  if (++seen !== want) continue;
  const tx = blk.transactions[0];
  const rc = await conn.provider.request({ method: "eth_getTransactionReceipt", params: [tx.hash] });
  const data: string = tx.input; let z = 0, nz = 0; for (let i = 2; i < data.length; i += 2) data.slice(i, i + 2) === "00" ? z++ : nz++;
  console.log("gasUsed", Number(rc.gasUsed), "calldata", z + nz, "gas", z * 4 + nz * 16);
  const tr = await conn.provider.request({ method: "debug_traceTransaction", params: [tx.hash, {disableStorage:true}] });
  const logs = tr.structLogs; const by: any = {}; const fn: any = {}; const pcs = JSON.parse(readFileSync("/tmp/pcs.json","utf8"));
  const depthGas: any = {};
  for (let i = 0; i < logs.length; i++) {
    const l = logs[i]; const cost = Number(l.gasCost); const nxt = logs[i + 1];
    let c = cost; if (nxt && nxt.depth > l.depth) { // call: cost includes forwarded gas
      c = Number(l.gas) - 0 - cost < 0 ? 0 : cost; c = Number(l.gas) - Number(nxt.gas) ; 
      // find return
      let j = i + 1; while (logs[j] && logs[j].depth > l.depth) j++;
      const inner = Number(nxt.gas) - (Number(logs[j-1].gas) - Number(logs[j-1].gasCost));
      c = Number(l.gas) - Number(logs[j]?.gas ?? 0) - inner;
      console.log("  call depth", l.depth, l.op, "inner", inner, "overhead", c);
    }
    const key = l.depth + " " + (["SLOAD","SSTORE","CALL","STATICCALL","DELEGATECALL","LOG1","LOG2","LOG3","LOG4","KECCAK256","EXTCODECOPY","EXTCODESIZE","TLOAD","TSTORE","MLOAD","MSTORE","CREATE2","MCOPY","CODECOPY","CALLDATACOPY","JUMP","JUMPI"].includes(l.op) ? l.op : "other");
    by[key] = (by[key] ?? 0) + c; if (l.depth===2) (globalThis as any).P = ((globalThis as any).P ?? []), (globalThis as any).P.push([l.pc, c, l.op]); if (l.depth===2 && !/CALL|SLOAD|SSTORE|LOG|EXTCODE/.test(l.op)) { const f = process.argv[4]? pcs[l.pc] : pcs[l.pc]?.split(':')[0]; fn[f] = (fn[f]??0)+c; } 
  }
  for (const [k, v] of Object.entries(by).sort((a: any, c: any) => c[1] - a[1])) console.log(k, v);
  const P=(globalThis as any).P; const blocks:any={}; let blk0=0; for(const [pc,c,op] of P){ if(op==='JUMPDEST') blk0=pc; if(/CALL|SLOAD|SSTORE|LOG|EXTCODE/.test(op)) continue; (blocks[blk0]??=[0,0])[0]+=c; if(op==='JUMPDEST')blocks[blk0][1]++; } const names:any={}; console.log('blocks'); for(const [b,v] of Object.entries(blocks).sort((a:any,c:any)=>c[1][0]-a[1][0]).slice(0,45) as any) console.log(b, v[0], 'x'+v[1], pcs[b]);
  console.log('---'); for (const [k, v] of Object.entries(fn).sort((a: any, c: any) => c[1] - a[1]).slice(0,40)) console.log(v, k);
  break;
}
await world.close();
