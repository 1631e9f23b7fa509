// Writes the text that node-llama-cpp generates at temperature 0, to be compared with that of `llama2 generate MODEL --prompt TEXT --temperature 0`.
// usage: node greedy.mjs MODEL COUNT TEXT
import { getLlama } from "node-llama-cpp";

const [modelPath, count, text] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: Math.min(model.trainContextSize, 512), threads: 1 });
const prompt = [model.tokens.bos, ...model.tokenize(text)];
const tokens = [];
for await (const token of context.getSequence().evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    if (model.isEogToken(token) || tokens.push(token) === Number(count)) break;
}

console.log(JSON.stringify({ prompt, tokens, text: model.detokenize(tokens) }));
await llama.dispose();
