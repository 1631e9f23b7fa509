// Runs llama2 and other engines in turn on the same files, each run in a separate process, and prints tables of medians and their ratios. Called by
// run.sh, which builds and installs what is needed, and whose head describes the options.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Llama2, LlamaBench, Measurer, measureCopy } from "./engines.mjs";
import { isIdle, processor, waitUntilIdle } from "./machine.mjs";
import { Record } from "./record.mjs";
import { writeBetween } from "./results.mjs";
import { sections, summary } from "./tables.mjs";

const list = { type: "string", multiple: true, default: [] }, flag = { type: "boolean", default: false };
const { values, positionals: models } = parse({
    allowPositionals: true,
    options: {
        threads: { type: "string", default: String(availableParallelism()) },
        prompt: { type: "string", default: "256" },
        generate: { type: "string", default: "32" },
        rounds: { type: "string", default: "3" }, short: flag,
        llama2: list, "llama-bench": list,
        llamasharp: { type: "string" }, "node-llama-cpp": flag, benchmarks: { type: "string" }, missing: list, only: list,
        long: list, "long-prompt": { type: "string", default: "4096" }, sessions: list, "session-counts": { type: "string", default: "8,32" }, load: list,
        record: { type: "string" }, "stop-after": { type: "string" },
        results: { type: "string" }, readme: flag,
    },
});
const { threads, prompt, generate, rounds } = values;
const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const allModels = [...models, ...values.long, ...values.sessions, ...values.load];
for (const model of allModels.filter(model => !existsSync(model))) fail(`there is no file '${model}'.`);

const missing = values.missing.map(text => ({ name: named(text).name, why: named(text).path }));
const engines = findEngines();
for (const { name, why } of missing) console.error(`${name} is not measured, because ${why}`);
for (const [i, engine] of engines.entries()) {
    if (engines.findIndex(other => other.name === engine.name) < i) fail(`two engines are called '${engine.name}'; give them names, as in --llama2 NAME=PATH.`);
}
const record = openRecord();
const failed = measureAll();

console.log(`# ${processor().name}\n\n${describe()}\n`);
console.log(sections(record.measurements, engines, missing));
if (values.results !== undefined) {
    const path = values.results || join(repository, "benchmarks", "results", `${processor().file}.md`);
    writeBetween(path, "comparison", `${describe()}\n\n${sections(record.measurements, engines, missing)}`, processor().name);
    console.error(`wrote ${path}`);
}
if (values.readme) {
    const text = `The table shows tokens per second of a model of 1.1 billion parameters. All engines used the same files, prompts of ${prompt} tokens and ${threads} threads\n`
        + `of this processor: ${processor().name}.\n\n${summary(record.measurements, engines)}`;
    writeBetween(join(repository, "README.md"), "speed", text, "");
    console.error("wrote README.md");
}
process.exitCode = failed || !record.measurements.every(isIdle) ? 1 : 0;

function parse(config) {
    try {
        return parseArgs(config);
    } catch (error) {
        return fail(error.message);
    }
}

function openRecord() {
    try {
        return new Record(values.record, { processor: processor().name, threads, prompt, generate });
    } catch (error) {
        return fail(error.message);
    }
}

function findEngines() {
    const ours = values.llama2.map(text => named(text)).map(({ name, path }) => tryCreate(name ?? "Llama2", () => new Llama2(path, threads, name)));
    const benches = values["llama-bench"].map(text => named(text)).map(({ name = "llama-bench", path: command }) => {
        const [path, ...options] = command.split(" ");
        return tryCreate(name, () => new LlamaBench(path, threads, name, options));
    });
    const others = [
        values["node-llama-cpp"] && Measurer.nodeLlamaCpp(threads), values.llamasharp !== undefined && Measurer.llamaSharp(values.llamasharp, threads),
    ];
    if (benches.length === 0) missing.push({ name: "A native engine", why: "no --llama-bench PATH was given" });
    return [...ours, ...benches, ...others].filter(Boolean).filter(engine => values.only.length === 0 || values.only.includes(engine.name));
}

// An engine that cannot be started is reported, and the others are measured.
function tryCreate(name, create) {
    try {
        return create();
    } catch (error) {
        missing.push({ name, why: error.message.split("\n", 1)[0] });
        console.error(error.command ?? "");
        return undefined;
    }
}

function named(text) {
    const [, name, path] = text.match(/^(?:([^=]+)=)?(.*)$/s);
    return { name, path };
}

// What is measured, in this order. In every other round the engines change their order.
function* tasks() {
    const ours = engines.filter(engine => engine.isOurs), length = Number(prompt), generated = Number(generate);
    const parts = [
        { part: "speed", files: models, engines, measure: (engine, file) => engine.measure(file, [length], generated) },
        { part: "long", files: values.long, engines, measure: (engine, file) => engine.measure(file, [length, Number(values["long-prompt"])], generated) },
        ...values["session-counts"].split(",").map(Number).map(sessions => (
            { part: "sessions", files: values.sessions, sessions, engines: ours, measure: (engine, file) => engine.measureSessions(file, sessions, 64) })),
        {
            part: "load", files: values.load, engines: ours,
            measure: (engine, file) => ({ copy: measureCopy(values.benchmarks, file, threads), ...engine.measureLoading(file) }),
        },
    ];
    for (const part of parts) {
        for (const file of part.files) {
            const count = values.short ? (part.part === "speed" ? 2 : 1) : Number(rounds);
            for (let round = 0; round < count; round++) {
                for (const engine of round % 2 === 0 ? part.engines : part.engines.toReversed()) yield { ...part, file, round, engine };
            }
        }
    }
}

function measureAll() {
    const start = performance.now();
    let hasFailed = false;
    const open = [...tasks()].filter(task => !record.has(nameOf(task)));
    for (const [i, task] of open.entries()) {
        if (values["stop-after"] !== undefined && performance.now() - start > 1000 * Number(values["stop-after"])) {
            console.error(`${open.length - i} runs are left; give the same command again.`);
            process.exit(75);
        }
        const name = nameOf(task);
        process.stderr.write(`${i + 1} of ${open.length}: ${Object.values({ ...name, round: name.round + 1 }).join(", ")}`);
        const otherWork = waitUntilIdle(), before = performance.now();
        try {
            record.add({ ...name, otherWork, ...task.measure(task.engine, task.file) });
            process.stderr.write(` (${((performance.now() - before) / 1000).toFixed(0)} s)\n`);
        } catch (error) {
            hasFailed = true;
            missing.push({ name: `${name.engine} with ${name.model}, ${name.part}, round ${name.round + 1}`, why: error.message.split("\n", 1)[0] });
            console.error(`\n  ${error.command}\n  ${error.message}`);
        }
    }
    return hasFailed;
}

function nameOf({ part, file, round, engine, sessions }) {
    return { part, model: basename(file, ".gguf"), engine: engine.name, round, ...(sessions && { sessions }) };
}

function describe() {
    return `Models with random weights of \`llama2 make-random\`, ${threads} threads, prompts of ${prompt} tokens and ${generate} generated tokens, if not said\n`
        + "otherwise. The engines ran in turn, each run in a process of its own. Prefill is the time from the prompt to the first token, and decode covers the\n"
        + "tokens after it. A llama-bench does not choose tokens, which the other engines do.";
}

function fail(message) {
    console.error(`compare: ${message}`);
    process.exit(2);
}
