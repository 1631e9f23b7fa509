// The engines that are compared. Each measures one model in a process of its own.
// measure(model, prompts, generate) returns { build, prompts: [{ prompt, prefill, decode }] } with speeds in tokens per second.
import { spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const longestRunMinutes = 20;

/** The llama2 command: a program, or a .dll that the installed runtime runs. */
export class Llama2 {
    isOurs = true;

    constructor(path, threads, name) {
        this.path = path;
        this.threads = threads;
        const hardware = JSON.parse(this.#execute("inspect", "--hardware", "--json"));
        this.build = `${hardware.runtime}, kernels for ${hardware.kernelTier}`;
        this.name = name ?? `Llama2, ${hardware.runtime.split(".", 3).slice(0, 2).join(".")}`;
    }

    measure(model, prompts, generate) {
        const figures = this.#bench(model, ["--prompt", prompts.join(), "--generate", String(generate)]);
        return {
            build: this.build,
            bandwidth: figures.memory_read_gigabytes_per_second,
            prompts: (figures.prompts ?? [figures]).map(one => ({
                prompt: one.prompt_tokens,
                prefill: one.prefill_tokens_per_second.median,
                decode: one.decode_tokens_per_second.median,
                decodeBytes: one.memory_bytes_read_per_token,
                bandwidthShare: one.memory_read_fraction_of_decode,
            })),
        };
    }

    measureSessions(model, count, generate) {
        const figures = this.#bench(model, ["--prompt", "256", "--generate", String(generate), "--sessions", String(count)]);
        return {
            together: figures.sessions_tokens_per_second.median,
            one: figures.one_session_tokens_per_second.median,
            interval: figures.token_interval_median_milliseconds.median,
            intervalP95: figures.token_interval_p95_milliseconds.median,
            besidePrompt: figures.token_interval_beside_prompt_median_milliseconds.median,
            besidePromptP95: figures.token_interval_beside_prompt_p95_milliseconds.median,
            otherPrompt: figures.other_prompt_tokens_per_second.median,
        };
    }

    measureLoading(model) {
        const figures = this.#bench(model, ["--prompt", "4", "--generate", "2"]);
        return { seconds: figures.load_seconds, bytes: figures.file_bytes, peak: figures.peak_memory_bytes };
    }

    #bench(model, options) {
        return JSON.parse(this.#execute("bench", model, "--json", "--threads", this.threads, "--repeat", "1", ...options));
    }

    #execute(...args) {
        return this.path.endsWith(".dll") ? execute("dotnet", [this.path, ...args]) : execute(this.path, args);
    }
}

/** A llama-bench of llama.cpp or of a program derived from it. It measures without sampling, and after a pass of one token. */
export class LlamaBench {
    constructor(path, threads, name, options) {
        this.path = path;
        this.name = name;
        this.options = options;
        this.threads = threads;
        // llama.cpp generates at a depth, ik_llama.cpp after a prompt.
        this.hasDepth = /--n-depth/.test(execute(path, ["--help"]));
    }

    measure(model, prompts, generate) {
        // The last sample counts, so that the first warms up as llama2's first run does. A long prompt needs no warm-up.
        const common = ["-m", model, "-t", this.threads, "-o", "json", ...this.options, "-r", Math.max(...prompts) > 512 ? "1" : "2"];
        const n = String(generate);
        const tests = this.hasDepth
            ? [...this.#run([...common, "-p", prompts.join(), "-n", "0"]), ...this.#run([...common, "-p", "0", "-n", n, "-d", prompts.join()])]
            : this.#run([...common, "-p", prompts.join(), "-n", "0", ...prompts.flatMap(prompt => ["-gp", `${prompt},${n}`])]);
        const speed = (promptLength, generated) => tests.find(test =>
            test.n_gen === generated && (generated > 0 && this.hasDepth ? test.n_depth : test.n_prompt) === promptLength).samples_ts.at(-1);
        const commit = tests[0].build_commit;
        return {
            build: [commit !== "unknown" && commit, this.options.join(" ")].filter(Boolean).join(", "),
            prompts: prompts.map(prompt => ({ prompt, prefill: speed(prompt, 0), decode: speed(prompt, generate) })),
        };
    }

    #run(args) {
        return JSON.parse(execute(this.path, args));
    }
}

/** A program that prints what measure returns, with an array of one value for each run. */
export class Measurer {
    constructor(name, program, args, threads) {
        Object.assign(this, { name, program, args, threads });
    }

    static nodeLlamaCpp(threads) {
        return new Measurer("node-llama-cpp", "node", [join(here, "llama-cpp.mjs")], threads);
    }

    static llamaSharp(path, threads) {
        return new Measurer("LLamaSharp", "dotnet", [path], threads);
    }

    measure(model, prompts, generate) {
        const figures = JSON.parse(execute(this.program, [...this.args, model, this.threads, prompts.join(), String(generate), "1"]));
        return { build: figures.build, prompts: figures.prompts.map(one => ({ prompt: one.prompt, prefill: one.prefill[0], decode: one.decode[0] })) };
    }
}

/** Seconds in which the bytes of a file are copied into fresh memory by as many threads. */
export function measureCopy(benchmarks, model, threads) {
    return JSON.parse(execute("dotnet", [benchmarks, "quick", "copy", model, threads])).copy_seconds;
}

function execute(program, args) {
    const run = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26, timeout: longestRunMinutes * 60_000, stdio: ["ignore", "pipe", "pipe"] });
    const failure = why => Object.assign(new Error(`${basename(program)} ${why}`), { command: [program, ...args].join(" ") });
    if (run.error?.code === "ENOENT") throw failure("does not exist");
    if (run.error?.code === "ETIMEDOUT") throw failure(`was not done after ${longestRunMinutes} minutes`);
    if (run.error) throw failure(`could not be started: ${run.error.code}`);
    if (run.status !== 0) throw failure(`ended with ${run.signal ?? run.status}: ${run.stderr.trim().split("\n").slice(0, 8).join("\n    ")}`);
    return run.stdout;
}
