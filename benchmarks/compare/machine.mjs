// The machine on which engines are compared: its processor, and how busy it is.
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

const zenGenerations = { 23: () => 2, 25: has => (has("avx512f") ? 4 : 3), 26: () => 5 };

/**
 * The processor's name with what matters for kernels, such as "AMD EPYC (Zen 5, AVX-512, AVX512-VNNI, AVX-VNNI), 2 cores", and the name of the file with
 * its results, such as "amd-epyc-zen5-2-cores".
 */
export function processor() {
    const text = readCpuInfo();
    const field = name => text.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1] ?? "";
    const flags = new Set(field("flags").split(" "));
    const model = (field("model name") || cpus()[0].model).replace(/\((R|TM)\)|\d+-Core Processor|CPU|@.*/gi, " ").replace(/\s+/g, " ").trim();
    const zen = field("vendor_id") === "AuthenticAMD" ? zenGenerations[field("cpu family")]?.(flag => flags.has(flag)) : undefined;
    const features = [
        zen && `Zen ${zen}`, flags.has("avx512f") && "AVX-512", flags.has("avx512_vnni") && "AVX512-VNNI", flags.has("avx_vnni") && "AVX-VNNI",
    ].filter(Boolean);
    const cores = `${cpus().length} cores`;
    return {
        name: `${model}${features.length > 0 ? ` (${features.join(", ")})` : ""}, ${cores}`,
        file: [model, zen && `zen${zen}`, cores].filter(Boolean).join(" ").toLowerCase().replace(/[^a-z0-9]+/g, "-"),
    };
}

const largestOtherWork = 0.1;

/**
 * Whether so little other work was done before a measurement that it is meaningful. Other work slows engines unequally: llama.cpp's threads spin while
 * they wait for each other, so they lose far more than their share of time.
 */
export function isIdle({ otherWork }) {
    return otherWork <= largestOtherWork;
}

/** Waits up to half a minute until the machine is idle, and returns the fraction of processor time that other programs used at last. */
export function waitUntilIdle() {
    const end = performance.now() + 30_000;
    for (;;) {
        const busy = busyFraction();
        if (isIdle({ otherWork: busy }) || performance.now() > end) return busy;
    }
}

// While this process waits and no engine runs.
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

function readCpuInfo() {
    try {
        return readFileSync("/proc/cpuinfo", "utf8");
    } catch {
        return "";
    }
}
