// Runs node-llama-cpp and llama2 in turn on the same files, each run in a separate process, and prints medians and their ratio.
// Called by run.sh, which builds and installs what is needed.
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals: models } = parseArgs({
    allowPositionals: true,
    options: {
        llama2: { type: "string" },
        threads: { type: "string", default: String(cpus().length) },
        prompt: { type: "string", default: "256" },
        generate: { type: "string", default: "32" },
        rounds: { type: "string", default: "3" },
    },
});
if (models.length === 0) {
    console.error("usage: run.sh [--threads N] [--prompt N] [--generate N] [--rounds N] MODEL.gguf …");
    process.exit(2);
}

const { threads, prompt, generate } = values;
const here = dirname(fileURLToPath(import.meta.url));
const engines = [
    {
        name: "node-llama-cpp",
        run: model => JSON.parse(execute("node", [join(here, "llama-cpp.mjs"), model, threads, prompt, generate, "1"])),
    },
    {
        name: "llama2",
        run: model => {
            const figures = JSON.parse(execute("dotnet", [
                values.llama2, "bench", model, "--json", "--threads", threads, "--prompt", prompt, "--generate", generate, "--repeat", "1",
            ]));
            return { prefill: [figures.prefill_tokens_per_second.median], decode: [figures.decode_tokens_per_second.median] };
        },
    },
];

// Other work on the machine slows the two engines unequally: llama.cpp's threads spin while they wait for each other, so they lose far more than
// their share of time when one of them is not running. Therefore the load of the machine between the runs is part of the result.
const otherWork = [];

console.log(`${cpus()[0].model}, ${threads} threads, prompt ${prompt}, generate ${generate}, median of ${values.rounds} rounds\n`);
console.log("| model | stage | node-llama-cpp (min … max) | llama2 (min … max) | llama2 ÷ node-llama-cpp |\n|---|---|---|---|---|");
for (const model of models) {
    const results = engines.map(() => ({ prefill: [], decode: [] }));
    for (let round = 0; round < Number(values.rounds); round++) {
        engines.forEach((engine, i) => {
            process.stderr.write(`${basename(model)}: round ${round + 1}, ${engine.name}\n`);
            otherWork.push(busyFraction());
            const result = engine.run(model);
            results[i].prefill.push(...result.prefill);
            results[i].decode.push(...result.decode);
        });
    }

    for (const stage of ["prefill", "decode"]) {
        const [theirs, ours] = results.map(result => result[stage]);
        console.log(`| ${basename(model)} | ${stage} | ${cell(theirs)} | ${cell(ours)} | ${(median(ours) / median(theirs)).toFixed(2)} |`);
    }
}

const busiest = Math.max(...otherWork);
console.log(`\nOther work before the runs: median ${percent(median(otherWork))}, maximum ${percent(busiest)} of processor time.`);
if (busiest > 0.1) {
    console.log("**The machine was not idle: these figures and ratios are not meaningful.** Run the script again without other programs.");
    process.exitCode = 1;
}

// The fraction of processor time that other programs use while this process waits and neither engine runs.
function busyFraction() {
    const before = times();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    const after = times();
    return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function times() {
    const all = cpus().map(cpu => cpu.times);
    return {
        idle: all.reduce((sum, t) => sum + t.idle, 0),
        all: all.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq + t.idle, 0),
    };
}

function percent(fraction) {
    return `${Math.round(100 * fraction)} %`;
}

function execute(program, args) {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function cell(numbers) {
    return `${median(numbers).toFixed(1)} (${Math.min(...numbers).toFixed(1)} … ${Math.max(...numbers).toFixed(1)})`;
}
