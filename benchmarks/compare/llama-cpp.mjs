// Measures one model with node-llama-cpp, as `llama2 bench` measures it: a warm-up, then a prompt and greedy tokens.
// usage: node llama-cpp.mjs MODEL THREADS PROMPT GENERATE REPEAT
// Prefill is the number of prompt tokens divided by the time to the first token; decode is the number of the other tokens divided by the time from
// the first token to the last.
import { getLlama } from "node-llama-cpp";

const [model, threads, promptLength, generateLength, repeat] = process.argv.slice(2).map((text, i) => (i === 0 ? text : Number(text)));

// With build "never", only the prebuilt library that npm has installed is used; none is compiled.
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: threads, logLevel: "error" });
const start = performance.now();
const loaded = await llama.loadModel({ modelPath: model });
const loadSeconds = (performance.now() - start) / 1000;
const context = await loaded.createContext({
    contextSize: promptLength + generateLength,
    batchSize: Math.max(512, promptLength),
    threads: { ideal: threads, min: threads },
});
const sequence = context.getSequence();
const prompt = Array.from({ length: promptLength }, (_, i) => 259 + ((i * 7919) % 31000));

async function run() {
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

await run();
const runs = [];
for (let i = 0; i < repeat; i++) runs.push(await run());
console.log(JSON.stringify({
    load_seconds: loadSeconds,
    threads: context.currentThreads,
    prefill: runs.map(r => r.prefill),
    decode: runs.map(r => r.decode),
}));
await llama.dispose();
