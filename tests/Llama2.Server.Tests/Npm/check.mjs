/** Runs a check, and writes its name when it has passed. */
export async function check(name, run) {
  await run();
  console.log(`ok ${name}`);
}
