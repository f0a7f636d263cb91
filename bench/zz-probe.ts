import { startRecordedHost } from '/work/main/bench/recorded-host.ts';
import { commitmentBodies, narrative } from '/work/main/bench/sample.ts'; import { responseBody } from '/work/main/local/iom-response.ts';
import { itemSize } from '/work/main/bench/item-size.ts';
const r = await startRecordedHost();
try {
  const tok: Record<string,string> = {};
  const ask = async (route: string, as: string, body: object, version?: number) => {
    tok[as] ??= await r.token(as);
    const [method, path] = route.split(' ');
    const from = Date.now();
    const res = await fetch(`${r.host.url}${path}`, {method: method!, headers: {authorization:`Bearer ${tok[as]}`,'content-type':'application/json','idempotency-key':crypto.randomUUID(),...(version&&{'if-match':`"v${version}"`})}, body: JSON.stringify(body)});
    const text = await res.text();
    if (res.status!==201) console.log(res.status, text.slice(0,300));
    return JSON.parse(text);
  };
  const rsp = await ask('POST /v1/responses','coordinator',responseBody());
  const [b] = commitmentBodies(rsp.response.id);
  let c = (await ask('POST /v1/commitments','coordinator',b as object)).commitment;
  for (let n=0;n<2;n++){
    c=(await ask(`POST /v1/commitments/${c.id}/updates`,'focal-verifier',{narrative:narrative(300)},c.version)).commitment;
  }
  const { DynamoDBClient, ScanCommand } = await import('@aws-sdk/client-dynamodb');
  console.log(Object.keys(r.recorder));
  const w = (r.recorder as any);
  console.log(JSON.stringify(w.writes ?? '').slice(0,200));
  const ddb = new DynamoDBClient({endpoint: (r as any).recorder.url, region:'eu-west-1', credentials:{accessKeyId:'local',secretAccessKey:'local'}});
  const { ListTablesCommand } = await import('@aws-sdk/client-dynamodb');
  const { TableNames=[] } = await ddb.send(new ListTablesCommand({}));
  for (const t of TableNames) if (/commands/i.test(t)) { const {Items=[]}=await ddb.send(new ScanCommand({TableName:t})); for (const i of Items) console.log(i['pk']?.S?.slice(0,30), i['sk']?.S, itemSize(i as any)); }
} finally { await r.stop(); process.exit(0) }
