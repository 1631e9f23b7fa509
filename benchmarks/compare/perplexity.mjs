// The perplexity of a text by llama.cpp's definition (examples/perplexity), computed from the probabilities that node-llama-cpp gives: windows of
// N tokens, each beginning with BOS, of which the second half is scored. The same figure as `llama2 perplexity MODEL TEXT --window N --limit COUNT`.
// usage: node perplexity.mjs MODEL TEXT WINDOW COUNT
import { readFileSync } from "node:fs";
import { getLlama } from "node-llama-cpp";

const [path, textPath, windowLength, count] = process.argv.slice(2).map((text, i) => (i < 2 ? text : Number(text)));
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: "error" });
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({ contextSize: windowLength, batchSize: windowLength });
const sequence = context.getSequence();
const tokens = [model.tokens.bos, ...model.tokenize(readFileSync(textPath, "utf8"))];
const first = windowLength / 2;
let sum = 0, scored = 0;
for (let i = 0; i < count; i++) {
    const window = tokens.slice(i * windowLength, (i + 1) * windowLength);
    window[0] = model.tokens.bos;
    await sequence.clearHistory();
    const results = await sequence.controlledEvaluate(
        window.map((token, j) => (j < first || j === windowLength - 1 ? token : [token, { generateNext: { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } } }])));
    for (let j = first; j < windowLength - 1; j++) {
        sum -= Math.log(results[j].next.probabilities.get(window[j + 1]));
        scored++;
    }
}

console.log(JSON.stringify({ perplexity: Math.exp(sum / scored), window_count: count, window_length: windowLength, scored_token_count: scored }));
await llama.dispose();
