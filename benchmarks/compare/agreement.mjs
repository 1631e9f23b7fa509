// Runs node-llama-cpp and llama2 on the same files, and compares two results: the perplexity of a text by llama.cpp's definition, and greedy texts.
// usage: node agreement.mjs LLAMA2_DLL TEXT WINDOWS COUNT MODEL.gguf …
// The first WINDOWS windows of 512 tokens of the file TEXT are scored; COUNT tokens are generated. A model that is named as MODEL.gguf:TYPE is
// first quantized by llama2. Greedy texts begin to differ where two tokens are nearly equally likely, so that rounding errors decide. Therefore both
// texts are also compared with the text of the same weights widened to F32, for which llama2 does not round activations to 8 bits.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, widen } from "./run.mjs";

const [llama2, text, windows, count, ...models] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "agreement-"));
const prompt = "Once upon a time";
let isFar = false;

console.log("| model | perplexity, llama2 | llama.cpp | difference | greedy texts differ after (characters) | llama2 differs from exact arithmetic after | llama.cpp after |\n|---|---|---|---|---|---|---|");
for (const name of models) {
    const [source, type] = name.split(":");
    let model = source;
    if (type) {
        model = join(folder, `${basename(source, ".gguf")}-${type}.gguf`);
        run("dotnet", llama2, "quantize", source, model, type, "--threads", "1");
    }

    const ours = JSON.parse(run("dotnet", llama2, "perplexity", model, text, "--limit", windows, "--json", "--threads", "1")).windows.perplexity;
    const theirs = JSON.parse(run("node", join(here, "perplexity.mjs"), model, text, "512", windows)).perplexity;
    const difference = 100 * (ours / theirs - 1);
    isFar ||= Math.abs(difference) > 0.5;
    const exactModel = join(folder, "exact.gguf");
    widen(llama2, model, exactModel);
    const written = generate(model), exact = generate(exactModel);
    const expected = withoutFirstSpace(JSON.parse(run("node", join(here, "greedy.mjs"), model, count, prompt)).text);
    rmSync(exactModel);
    console.log(`| ${basename(model, ".gguf")} | ${ours.toFixed(4)} | ${theirs.toFixed(4)} | ${difference.toFixed(3)} % | ${parting(written, expected)} | ${parting(written, exact)} | ${parting(expected, exact)} |`);
    if (type) rmSync(model);
}

rmSync(folder, { recursive: true });
process.exitCode = isFar ? 1 : 0;

function generate(model) {
    return withoutFirstSpace(run("dotnet", llama2, "generate", model, "--prompt", prompt, "--temperature", "0", "--max-tokens", count, "--threads", "1", "--quiet").replace(/\n$/, ""));
}

// A text that begins with a word begins with a space. node-llama-cpp omits this space in the first text that it generates.
function withoutFirstSpace(text) {
    return text.replace(/^ /, "");
}

function parting(text, expected) {
    let same = 0;
    while (same < expected.length && expected[same] === text[same]) same++;
    return text === expected ? `never (${expected.length})` : `${same}`;
}
