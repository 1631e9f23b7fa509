// Runs the programs that are compared.
import { execFileSync } from "node:child_process";

/** What a program writes to its standard output; its errors are shown if VERBOSE is set. */
export function run(program, ...args) {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", process.env.VERBOSE ? "inherit" : "ignore"] });
}

/** Writes a model's weights in F32, as they are: llama2 multiplies those without rounding activations to 8 bits. */
export function widen(llama2, model, target) {
    run("dotnet", llama2, "quantize", model, target, "F32", "--allow-requantize", "--threads", "1");
}
