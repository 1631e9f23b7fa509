// Writes tables into files that also contain text: between two comments, of which each has a line of its own.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Replaces what is between the comments; a file without them, or that does not exist, gets them at its end. */
export function writeBetween(path, name, text, heading) {
    const begin = `<!-- ${name}, written by benchmarks/compare/run.sh -->`, end = `<!-- end of ${name} -->`;
    const block = `${begin}\n\n${text}\n\n${end}\n`;
    const old = existsSync(path) ? readFileSync(path, "utf8") : `# ${heading}\n`;
    const from = old.indexOf(begin), to = old.indexOf(end);
    if ((from < 0) !== (to < 0) || to < from) {
        throw new Error(`${path} has only one of the lines '${begin}' and '${end}', or has them in the wrong order; add both, or remove both.`);
    }
    writeFileSync(path, from < 0 ? `${old}\n${block}` : old.slice(0, from) + block + old.slice(to + end.length + 1));
}
