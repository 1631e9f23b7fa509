// The measurements that were made, one JSON object a line. A comparison that was interrupted continues with those that are missing, and repeats those
// that were made beside other work. Of several measurements of the same, the last counts.
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { isIdle } from "./machine.mjs";

export class Record {
    #path;
    #measurements = new Map();

    /**
     * Reads the file if it exists.
     * @param path The file, or undefined to keep measurements in memory only.
     * @param settings What all measurements of a record have in common; the file of a comparison with other settings is refused.
     */
    constructor(path, settings) {
        this.#path = path;
        const text = path !== undefined && existsSync(path) ? readFileSync(path, "utf8") : "";
        const whole = text.slice(0, text.lastIndexOf("\n") + 1);
        // A last line without an end was interrupted while it was written.
        if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
        const [first, ...others] = whole.split("\n").slice(0, -1).map(line => JSON.parse(line));
        if (first === undefined) {
            this.#append(settings);
        } else if (JSON.stringify(first) !== JSON.stringify(settings)) {
            throw new Error(`${path} was made with ${JSON.stringify(first)}, not with ${JSON.stringify(settings)}; remove the file, or give another one.`);
        }
        others.forEach(measurement => this.#keep(measurement));
    }

    get measurements() {
        return [...this.#measurements.values()];
    }

    /** Whether this was measured while the machine was idle. */
    has(task) {
        const measured = this.#measurements.get(key(task));
        return measured !== undefined && isIdle(measured);
    }

    add(measurement) {
        this.#keep(measurement);
        this.#append(measurement);
    }

    #keep(measurement) {
        this.#measurements.set(key(measurement), measurement);
    }

    #append(value) {
        if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(value)}\n`);
    }
}

function key({ part, model, engine, round, sessions }) {
    return JSON.stringify([part, model, engine, round, sessions]);
}
