// llama_bridge.mjs - a test's HTTP server around llama.cpp: node-llama-cpp (npm) runs the model in this
// process, and this file puts OpenAI's form of request and reply around it, nothing more: chat completions,
// with a grammar made of response_format's schema, and embeddings. Usage counts are the model's own tokens.
//   node llama_bridge.mjs MODULES MODEL.gguf PORT
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, file, port] = process.argv.slice(2);
const entry = path.join(modules, "node-llama-cpp", "dist", "index.js");
const { getLlama, LlamaCompletion } = await import(pathToFileURL(path.resolve(entry)).href);
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: 1 });
const model = await llama.loadModel({ modelPath: file });
const size = model.trainContextSize;
const context = await model.createContext({ contextSize: size, threads: 1 });
const vectors = await model.createEmbeddingContext({ contextSize: size, threads: 1 });
const grammars = new Map();

let last = Promise.resolve(); // one question at a time
const inTurn = (fn) => (last = last.catch(() => {}).then(fn));

async function grammarOf(format) {
  if (format?.type !== "json_schema") return undefined;
  const text = JSON.stringify(format.json_schema.schema);
  if (!grammars.has(text)) grammars.set(text, await llama.createGrammarForJsonSchema(JSON.parse(text)));
  return grammars.get(text);
}

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.body = [status, { error: { message, type: "invalid_request_error", param: null, code } }];
  }
}

async function chat(ask) {
  const text = ask.messages.map((m) => m.content).join("\n"); // it knows no roles: it goes on with what it reads
  const tokens = model.tokenize(text);
  const most = ask.max_completion_tokens ?? ask.max_tokens ?? 64;
  if (tokens.length + most > size) throw new Refusal(400, "context_length_exceeded", `the context is ${size} tokens`);
  const sequence = context.getSequence();
  try {
    const reply = await new LlamaCompletion({ contextSequence: sequence }).generateCompletionWithMeta(tokens, {
      maxTokens: most, temperature: ask.temperature ?? 0, seed: ask.seed ?? 1, grammar: await grammarOf(ask.response_format),
    });
    const cut = reply.metadata.stopReason === "maxTokens", out = model.tokenize(reply.response).length;
    return {
      id: "chatcmpl-llama", object: "chat.completion", created: 0, model: ask.model,
      choices: [{ index: 0, finish_reason: cut ? "length" : "stop", message: { role: "assistant", content: reply.response, refusal: null } }],
      usage: { prompt_tokens: tokens.length, completion_tokens: out, total_tokens: tokens.length + out },
    };
  } finally {
    sequence.dispose();
  }
}

async function embed(ask) {
  const data = [];
  let used = 0;
  for (const text of [ask.input].flat()) {
    const tokens = model.tokenize(text).slice(0, size - 2);
    used += tokens.length;
    data.push({ object: "embedding", index: data.length, embedding: [...(await vectors.getEmbeddingFor(tokens)).vector] });
  }
  return { object: "list", model: ask.model, data, usage: { prompt_tokens: used, total_tokens: used } };
}

const routes = { "/v1/chat/completions": chat, "/v1/embeddings": embed };

http.createServer(async (request, response) => {
  let status = 200, reply;
  try {
    const parts = [];
    for await (const part of request) parts.push(part);
    const route = routes[request.url];
    if (!route) throw new Refusal(404, "not_found", "no such path");
    const ask = JSON.parse(Buffer.concat(parts).toString());
    reply = await inTurn(() => route(ask));
  } catch (e) {
    [status, reply] = e.body ?? [500, { error: { message: String(e), type: "server_error", param: null, code: null } }];
    if (!e.body) console.error(e);
  }
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
}).listen(Number(port), "127.0.0.1");
