// Computes the logits of node-llama-cpp's greedy text with llama2, and counts how often both programs choose the same next token. Where they choose
// different ones, it prints the difference between the logits of these two tokens with the same weights widened to F32, for which llama2 does not
// round activations to 8 bits.
// usage: node next-token.mjs LLAMA2_DLL COUNT MODEL.gguf …
// A model that is named as MODEL.gguf:TYPE is first quantized by llama2.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, widen } from "./run.mjs";

const [llama2, count, ...models] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "next-token-"));

console.log("| model | same next token | exact logits of the two tokens differ by at most | exact arithmetic agrees with llama2, with llama.cpp | error of llama2's logits, root mean square |\n|---|---|---|---|---|");
for (const name of models) {
    const [source, type] = name.split(":");
    const model = type ? join(folder, "quantized.gguf") : source, exactModel = join(folder, "exact.gguf");
    if (type) run("dotnet", llama2, "quantize", source, model, type, "--threads", "1");
    widen(llama2, model, exactModel);

    const greedy = JSON.parse(run("node", join(here, "greedy.mjs"), model, count, "Once upon a time"));
    const ids = [...greedy.prompt, ...greedy.tokens];
    const ours = computeLogits(model, ids), exact = computeLogits(exactModel, ids);
    const vocabulary = ours.length / ids.length;
    let same = 0, squares = 0;
    const gaps = [];
    for (let i = 0; i < ours.length; i++) squares += (ours[i] - exact[i]) ** 2;
    for (let row = greedy.prompt.length - 1; row < ids.length - 1; row++) {
        const likeliest = indexOfLargest(ours.subarray(row * vocabulary, (row + 1) * vocabulary));
        if (likeliest === ids[row + 1]) same++;
        else gaps.push(exact[row * vocabulary + likeliest] - exact[row * vocabulary + ids[row + 1]]);
    }

    const largest = Math.max(0, ...gaps.map(Math.abs)), forUs = gaps.filter(gap => gap > 0).length;
    console.log(`| ${basename(source, ".gguf")}${type ? `, ${type}` : ""} | ${same} of ${greedy.tokens.length} | ${largest.toFixed(3)} | ${forUs}, ${gaps.length - forUs} | ${Math.sqrt(squares / ours.length).toFixed(3)} |`);
}

rmSync(folder, { recursive: true });

function computeLogits(model, ids) {
    const path = join(folder, "logits.f32");
    run("dotnet", llama2, "logits", model, "--tokens", ids.join(","), "--output", path, "--threads", "1");
    const bytes = readFileSync(path);
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function indexOfLargest(values) {
    let best = 0;
    for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
    return best;
}
