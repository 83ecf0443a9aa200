// h2_server.mjs - a test's HTTP/2 server with TLS: OpenAI's embeddings, each text a vector of 16 numbers made
// of its bytes. It says, when its standard input ends, how many requests came over how many connections, and
// how many streams stood open at once.
//   node h2_server.mjs CERT KEY LATENCY_MS [SETTING=VALUE]
// Settings: streams=N (most at once of a connection), goaway=N (a connection is told to go after N requests),
// reset=N (every N-th stream is reset before an answer).
import http2 from "node:http2";
import fs from "node:fs";

const [cert, key, latency, ...settings] = process.argv.slice(2);
const set = Object.fromEntries(settings.map((s) => s.split("=").map((v, i) => (i ? Number(v) : v))));
const seen = { requests: 0, answered: 0, connections: 0, http1: 0, most: 0, resets: 0, goaways: 0 };
let open = 0;

const server = http2.createSecureServer({
  cert: fs.readFileSync(cert), key: fs.readFileSync(key), allowHTTP1: true,
  settings: { maxConcurrentStreams: set.streams ?? 1000 },
});
server.on("session", (session) => {
  seen.connections++;
  session.asked = 0;
  session.on("error", () => {});
});

function vector(text) {
  const sums = new Array(16).fill(1);
  Buffer.from(text).forEach((byte, i) => (sums[i % 16] += (byte * 31 + i) % 97));
  return sums;
}

server.on("request", (request, response) => {
  const parts = [];
  if (request.httpVersionMajor === 1) seen.http1++;
  seen.requests++;
  seen.most = Math.max(seen.most, ++open);
  let closed = false;
  const end = () => { if (!closed) open--; closed = true; };
  response.on("close", end);
  request.on("error", () => {});
  request.on("data", (part) => parts.push(part));
  request.on("end", () => setTimeout(() => {
    const session = response.stream?.session, nth = seen.requests;
    if (set.reset && nth % set.reset === 0) {
      seen.resets++;
      response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      return;
    }
    if (session && set.goaway && ++session.asked === set.goaway) {
      seen.goaways++;
      session.close(); // what is open is answered, nothing new is taken
    }
    const ask = JSON.parse(Buffer.concat(parts).toString()), texts = [ask.input].flat();
    const data = texts.map((text, index) => ({ object: "embedding", index, embedding: vector(text) }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ object: "list", model: ask.model, data, usage: { prompt_tokens: texts.length, total_tokens: texts.length } }));
    seen.answered++;
  }, Number(latency)));
});
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
process.stdin.resume();
process.stdin.on("end", () => { console.log(JSON.stringify(seen)); process.exit(0); });
