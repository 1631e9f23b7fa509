// Measures one model with node-llama-cpp, as `llama2 bench` measures it: a warm-up, then a prompt and greedy tokens.
// usage: node llama-cpp.mjs MODEL THREADS PROMPT[,PROMPT…] GENERATE REPEAT
// Prefill is the number of prompt tokens divided by the time to the first token; decode is the number of the other tokens divided by the time from
// the first token to the last.
import { readFileSync } from "node:fs";
import { getLlama } from "node-llama-cpp";

const batchSize = 512;
const [model, threadText, promptText, generateText, repeatText] = process.argv.slice(2);
const threads = Number(threadText), generateLength = Number(generateText), repeat = Number(repeatText);
const promptLengths = promptText.split(",").map(Number), longest = Math.max(...promptLengths);
const version = JSON.parse(readFileSync(new URL("node_modules/node-llama-cpp/package.json", import.meta.url), "utf8")).version;

// With build "never", only the prebuilt library that npm has installed is used; none is compiled.
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: threads, logLevel: "error" });
const start = performance.now();
const loaded = await llama.loadModel({ modelPath: model });
const loadSeconds = (performance.now() - start) / 1000;
const context = await loaded.createContext({
    contextSize: longest + generateLength,
    batchSize,
    threads: { ideal: threads, min: threads },
});
const sequence = context.getSequence();

async function run(promptLength, generateLength) {
    const prompt = Array.from({ length: promptLength }, (_, i) => 259 + ((i * 7919) % 31000));
    await sequence.clearHistory();
    const begin = performance.now();
    let first = 0, count = 0;
    for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        if (++count === 1) first = performance.now();
        if (count === generateLength) break;
    }
    return {
        prefill: promptLength / ((first - begin) / 1000),
        decode: (count - 1) / ((performance.now() - first) / 1000),
    };
}

// The first run reads the pages of the model file. A part of the prompt is enough for that, because longer prompts are computed in such parts.
await run(Math.min(longest, batchSize), 2);
const prompts = [];
for (const prompt of promptLengths) {
    const runs = [];
    for (let i = 0; i < repeat; i++) runs.push(await run(prompt, generateLength));
    prompts.push({ prompt, prefill: runs.map(r => r.prefill), decode: runs.map(r => r.decode) });
}
console.log(JSON.stringify({ build: version, load_seconds: loadSeconds, threads: context.currentThreads, prompts }));
await llama.dispose();
