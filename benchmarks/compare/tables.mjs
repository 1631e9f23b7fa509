// Makes Markdown tables from measurements.
import { isIdle } from "./machine.mjs";

export function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

export function percent(fraction) {
    return `${Math.round(100 * fraction)} %`;
}

/** All sections of the results, for the measurements that were made. */
export function sections(measurements, engines, missing) {
    const of = part => measurements.filter(one => one.part === part);
    return [
        engineList(measurements, engines, missing), comparison(of("speed"), engines), bandwidth(of("speed"), engines), longPrompts(of("long"), engines), sessions(of("sessions"), engines),
        loading(of("load"), engines), otherWork(measurements),
    ].filter(Boolean).join("\n\n");
}

/** The table of the README: one row for each engine, and the largest median of each column in bold. */
export function summary(measurements, engines) {
    const speed = measurements.filter(one => one.part === "speed");
    const columns = ["Q4_0", "Q4_K_M", "Q8_0"].flatMap(type => {
        const model = `1b-${type}`;
        return speed.some(one => one.model === model) ? ["prefill", "decode"].map(stage => ({ model, stage, title: `${stage} ${type}` })) : [];
    });
    const rows = engines.filter(engine => speed.some(one => one.engine === engine.name));
    const values = rows.map(engine => columns.map(({ model, stage }) => valuesOf(speed, engine.name, model, stage)));
    const best = columns.map((_, column) => Math.max(...values.map(row => (row[column].length > 0 ? median(row[column]) : 0))));
    return table(["", ...columns.map(column => column.title)], rows.map((engine, i) => [
        engine.isOurs ? `**${engine.name}**` : engine.name,
        ...values[i].map((numbers, column) => {
            const text = numbers.length > 0 ? digits(median(numbers)) : "–";
            return numbers.length > 0 && median(numbers) === best[column] ? `**${text}**` : text;
        }),
    ]));
}

function engineList(measurements, engines, missing) {
    const builds = engine => unique(measurements.filter(one => one.engine === engine.name && one.build).map(one => one.build)).join("; ");
    return [
        ...engines.filter(engine => measurements.some(one => one.engine === engine.name)).map(engine => `- ${engine.name}: ${builds(engine) || "no version stated"}`),
        ...missing.map(({ name, why }) => `- ${name}: not measured, because ${why}`),
    ].join("\n");
}

function comparison(speed, engines) {
    if (speed.length === 0) return "";
    const measured = engines.filter(engine => speed.some(one => one.engine === engine.name));
    const rows = unique(speed.map(one => one.model)).flatMap(model => ["prefill", "decode"].map(stage => ({ model, stage })));
    const of = (engine, { model, stage }) => valuesOf(speed, engine.name, model, stage);
    const pairs = measured.filter(engine => engine.isOurs).flatMap(ours => measured.filter(engine => !engine.isOurs).map(theirs => ({ ours, theirs })));
    return [
        "## Speed", `Tokens per second, medians (with minima and maxima) of ${Math.max(...speed.map(one => one.round)) + 1} rounds.`,
        table(["model", "stage", ...measured.map(engine => engine.name)], rows.map(row => [row.model, row.stage, ...measured.map(engine => range(of(engine, row)))])),
        ...(pairs.length === 0 ? [] : ["The same medians as ratios:", table(
            ["model", "stage", ...pairs.map(({ ours, theirs }) => `${ours.name} ÷ ${theirs.name}`)],
            rows.map(row => [row.model, row.stage, ...pairs.map(({ ours, theirs }) => ratio(of(ours, row), of(theirs, row)))]))]),
    ].join("\n\n");
}

function bandwidth(speed, engines) {
    const ours = speed.filter(one => one.bandwidth !== undefined);
    if (ours.length === 0) return "";
    return ["## Decode and memory bandwidth", "`llama2 bench` measures in each run how fast the same threads read memory. A decoded token reads all packed weights once, and the\nkeys and values of "
        + "the context.",
    table(["model", "engine", "memory read, GB/s", "GB a token", "decode, tokens/s", "share of the bandwidth"], groups(ours, ["model", "engine"], engines).map(group => [
        group[0].model, group[0].engine, digits(median(group.map(one => one.bandwidth))), (group[0].prompts[0].decodeBytes / 1e9).toFixed(3),
        digits(median(group.map(one => one.prompts[0].decode))), percent(median(group.map(one => one.prompts[0].bandwidthShare))),
    ]))].join("\n\n");
}

function longPrompts(long, engines) {
    if (long.length === 0) return "";
    const lengths = long[0].prompts.map(one => one.prompt);
    const values = (group, i, stage) => group.map(one => one.prompts[i][stage]);
    const last = lengths.length - 1;
    return ["## Long prompts", `Tokens per second, medians of ${Math.max(...long.map(one => one.round)) + 1} rounds, with prompts of ${lengths.join(" and ")} tokens.`,
        table(["model", "engine", ...lengths.map(length => `prefill ${length}`), `${lengths[last]} ÷ ${lengths[0]}`, ...lengths.map(length => `decode after ${length}`)],
            groups(long, ["model", "engine"], engines).map(group => [
                group[0].model, group[0].engine, ...lengths.map((_, i) => range(values(group, i, "prefill"))),
                ratio(values(group, last, "prefill"), values(group, 0, "prefill")), ...lengths.map((_, i) => range(values(group, i, "decode"))),
            ]))].join("\n\n");
}

function sessions(measured, engines) {
    if (measured.length === 0) return "";
    return ["## Concurrent sessions", "Tokens per second of all sessions together. \"Beside a prompt\" means that another session's prompt of 256 tokens is computed\nat the same time.",
        table(["model", "engine", "sessions", "together", "one", "ratio", "interval median, p95", "beside a prompt", "the prompt, tokens/s"],
            groups(measured, ["model", "sessions", "engine"], engines).map(group => {
                const of = name => median(group.map(one => one[name]));
                return [
                    group[0].model, group[0].engine, group[0].sessions, digits(of("together")), digits(of("one")), median(group.map(one => one.together / one.one)).toFixed(2),
                    `${digits(of("interval"))}, ${digits(of("intervalP95"))} ms`, `${digits(of("besidePrompt"))}, ${digits(of("besidePromptP95"))} ms`, digits(of("otherPrompt")),
                ];
            }))].join("\n\n");
}

function loading(measured, engines) {
    if (measured.length === 0) return "";
    return ["## Loading", "Seconds until a model is ready, with its file in the page cache, beside the seconds in which as many threads copy the file's\nbytes into fresh memory.",
        table(["model", "engine", "bytes", "copy, s", "ready, s", "ready ÷ copy", "peak memory, bytes"], groups(measured, ["model", "engine"], engines).map(group => [
            group[0].model, group[0].engine, group[0].bytes.toLocaleString("en"), range(group.map(one => one.copy), 2), range(group.map(one => one.seconds), 2),
            ratio(group.map(one => one.seconds), group.map(one => one.copy)), median(group.map(one => one.peak)).toLocaleString("en"),
        ]))].join("\n\n");
}

function otherWork(measurements) {
    const shares = measurements.map(one => one.otherWork);
    if (shares.length === 0) return "";
    const text = `Other work before the runs: median ${percent(median(shares))}, maximum ${percent(Math.max(...shares))} of processor time.`;
    return measurements.every(isIdle) ? text : `${text} **The machine was not idle: these figures and ratios are not meaningful.**`;
}

function valuesOf(speed, engine, model, stage) {
    return speed.filter(one => one.engine === engine && one.model === model).map(one => one.prompts[0][stage]);
}

// Measurements with the same values of these properties, the last of which is the engine. The other properties are in the order of their first
// occurrence, engines in that of the list.
function groups(measurements, names, engines) {
    const byKey = new Map();
    for (const name of unique(measurements.map(one => keyOf(one, names.slice(0, -1))))) {
        for (const engine of engines) byKey.set(name + engine.name, []);
    }
    for (const one of measurements) byKey.get(keyOf(one, names.slice(0, -1)) + one.engine)?.push(one);
    return [...byKey.values()].filter(group => group.length > 0);
}

function keyOf(measurement, names) {
    return JSON.stringify(names.map(name => measurement[name]));
}

function unique(values) {
    return [...new Set(values)];
}

function table(header, rows) {
    const line = cells => `| ${cells.join(" | ")} |`;
    return [line(header).replace(/^\|  \|/, "| |"), `|${header.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

function range(numbers, decimals) {
    if (numbers.length === 0) return "–";
    const text = value => (decimals === undefined ? digits(value) : value.toFixed(decimals));
    return numbers.length === 1 ? text(numbers[0]) : `${text(median(numbers))} (${text(Math.min(...numbers))} … ${text(Math.max(...numbers))})`;
}

function ratio(numerators, denominators) {
    return numerators.length === 0 || denominators.length === 0 ? "–" : (median(numerators) / median(denominators)).toFixed(2);
}

function digits(value) {
    return value < 100 ? value.toFixed(1) : value.toFixed(0);
}
