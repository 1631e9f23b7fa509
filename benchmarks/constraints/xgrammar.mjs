// Tests and measures XGrammar, compiled to WebAssembly, as `llama2 constraint bench` tests and measures llama2, and prints the same figures as one JSON
// object. Called by run.sh.
// usage: node xgrammar.mjs TEXTS.jsonl [SECONDS [WARM_UP]]
// TEXTS.jsonl has the vocabulary, the schemas and the tokens of their texts, as Llama2.Benchmarks' "quick constraint-texts" writes them. A schema that
// is not done after SECONDS (default 60) counts as a compile error. The first WARM_UP schemas (default 50) are tested before any is timed, so that V8
// has optimized the code. One thread computes. The main thread only waits for it, because WebAssembly can be interrupted only from outside. The library
// aborts when it refuses a schema, so the next schema gets a new worker.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const require = createRequire(import.meta.url);
const library = require.resolve("@mlc-ai/web-xgrammar");

async function testAll(path, seconds = "60", warmUp = "50") {
    const [vocabulary, ...tests] = readFileSync(path, "utf8").split("\n").filter(line => line).map(line => JSON.parse(line));
    const tester = new Tester(vocabulary, Number(seconds), tests.slice(0, Number(warmUp)));
    const results = [];
    for (const test of tests) {
        const result = await tester.test(test);
        results.push(result);
        for (const fault of [result.error, ...result.faults]) if (fault) console.error(`${test.name}: ${fault}`);
    }

    await tester.close();
    const sum = member => results.reduce((total, result) => total + result[member], 0);
    const masks = results.flatMap(result => result.masks).sort((a, b) => a - b);
    const compiled = results.filter(result => result.compileTime !== null).sort((a, b) => a.compileTime - b.compileTime);
    console.log(JSON.stringify({
        engine: `web-xgrammar ${JSON.parse(readFileSync(join(dirname(library), "..", "package.json"), "utf8")).version}`,
        schemas: tests.length,
        passed: results.filter(result => !result.error && result.faults.length === 0).length,
        compile_errors: results.filter(result => result.error).length,
        timeouts: results.filter(result => result.isTimeout).length,
        time_limit_s: Number(seconds),
        valid_rejected: sum("validRejected"),
        invalid_accepted: sum("invalidAccepted"),
        masks: masks.length,
        mask_average_us: round(masks.reduce((total, time) => total + time, 0) / Math.max(1, masks.length)),
        mask_p99_us: round(at(masks, 0.99) ?? 0),
        mask_worst_us: round(at(masks, 1) ?? 0),
        compile_median_ms: round(at(compiled, 0.5)?.compileTime ?? 0),
        compile_worst_ms: round(at(compiled, 1)?.compileTime ?? 0),
        compile_worst_schema: at(compiled, 1)?.name ?? "",
    }, null, 2));
}

function at(sorted, part) {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function round(value) {
    return Math.round(value * 1000) / 1000;
}

/** Has a worker test schemas. A worker that was interrupted, or that has failed, is replaced. */
class Tester {
    #vocabulary; #limit; #warmUps; #worker = null;

    constructor(vocabulary, limit, warmUps) {
        this.#vocabulary = vocabulary;
        this.#limit = limit;
        this.#warmUps = warmUps;
    }

    async test(test) {
        this.#worker ??= await this.#start();
        const answer = await this.#ask(this.#worker, test);
        if (answer.isBroken) await this.close();
        return { name: test.name, compileTime: null, masks: [], faults: [], validRejected: 0, invalidAccepted: 0, ...answer };
    }

    async close() {
        await this.#worker?.terminate();
        this.#worker = null;
    }

    async #ask(worker, test) {
        let timer;
        const timeout = new Promise(resolve => {
            timer = setTimeout(resolve, 1000 * this.#limit, { error: `not done after ${this.#limit} s`, isTimeout: true, isBroken: true });
        });
        const answer = once(worker, "message").then(([answer]) => answer, error => ({ error: String(error), isBroken: true }));
        worker.postMessage(test);
        const first = await Promise.race([answer, timeout]);
        clearTimeout(timer);
        return first;
    }

    // A new worker is warmed up, because V8 optimizes the code of each worker separately. A schema that breaks the worker is left out of later warm-ups.
    async #start() {
        for (;;) {
            // What the library writes about schemas that it refuses is not shown.
            const worker = new Worker(fileURLToPath(import.meta.url), { workerData: this.#vocabulary, stdout: true, stderr: true });
            await once(worker, "message");
            const failed = await this.#warmUp(worker);
            if (failed === null) return worker;
            await worker.terminate();
            this.#warmUps = this.#warmUps.filter(test => test !== failed);
        }
    }

    async #warmUp(worker) {
        for (const test of this.#warmUps) if ((await this.#ask(worker, test)).isBroken) return test;
        return null;
    }
}

// Runs in the worker: reports that the worker is ready, and then answers each test.
async function serve() {
    const xgrammar = load();
    const { pieces, end } = workerData;
    const tokenizer = await xgrammar.TokenizerInfo.createTokenizerInfo(pieces, "byte_fallback", false, pieces.length, [end]);
    // The compiler's cache is off, so that each measured time is that of compiling a schema for the first time.
    const compiler = await xgrammar.GrammarCompiler.createGrammarCompiler(tokenizer, false);
    parentPort.on("message", async test => parentPort.postMessage(await testSchema(xgrammar, compiler, test, end)));
    parentPort.postMessage("ready");
}

// The package calls itself an ECMAScript module, but its file is for script tags and CommonJS, so Node cannot import it.
function load() {
    const module = { exports: {} };
    new Function("module", "exports", "require", "__filename", "__dirname", readFileSync(library, "utf8"))(module, module.exports, require, library, dirname(library));
    return module.exports;
}

async function testSchema(xgrammar, compiler, { schema, texts }, end) {
    const result = { compileTime: null, masks: [], faults: [], validRejected: 0, invalidAccepted: 0, error: null, isBroken: false };
    let compiled = null;
    try {
        const start = performance.now();
        // The white space is that of Python's json.dumps, which the texts have; "strict" would forbid properties that schemas do not mention.
        compiled = await compiler.compileJSONSchema(schema, /* anyWhitespace */ false, /* indent */ -1, [", ", ": "], /* strictMode */ false);
        const matcher = await xgrammar.GrammarMatcher.createGrammarMatcher(compiled);
        await matcher.getNextTokenBitmask();
        result.compileTime = performance.now() - start;
        matcher.dispose();
        for (const [index, text] of texts.entries()) {
            const refusedAt = await check(xgrammar, compiled, [...text.tokens, end], result.masks);
            if ((refusedAt === null) === text.valid) continue;
            result.faults.push(text.valid ? `rejects valid text ${index} at token ${refusedAt + 1} of ${text.tokens.length}` : `accepts invalid text ${index}`);
            result[text.valid ? "validRejected" : "invalidAccepted"]++;
        }
    } catch (error) {
        result.error = String(error.message ?? error);
        // After a fault of WebAssembly itself, unlike after an exception of the library, the memory may be in any state.
        result.isBroken = error instanceof WebAssembly.RuntimeError;
    }

    if (!result.isBroken) compiled?.dispose();
    return result;
}

// Computes the mask before each token, and returns the index of the first token that it does not allow, or null. Only the masks are timed.
async function check(xgrammar, compiled, tokens, masks) {
    const matcher = await xgrammar.GrammarMatcher.createGrammarMatcher(compiled);
    try {
        for (const [index, token] of tokens.entries()) {
            const start = performance.now();
            const mask = await matcher.getNextTokenBitmask();
            masks.push(1000 * (performance.now() - start));
            if ((mask[token >> 5] >>> (token & 31) & 1) === 0) return index;
            if (!matcher.acceptToken(token)) throw new Error(`token ${token} is allowed by the mask, but the matcher does not accept it`);
        }

        return null;
    } finally {
        matcher.dispose();
    }
}

if (isMainThread) await testAll(...process.argv.slice(2));
else await serve();
