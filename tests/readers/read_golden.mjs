// Reads the golden results file with h5wasm under node.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [directory, golden] = process.argv.slice(2);
const entry = path.resolve(directory, "node_modules/h5wasm/dist/node/hdf5_hl.js");
let loaded;
try {
  loaded = await import(pathToFileURL(entry).href);
} catch (error) {
  console.error(`missing reader: h5wasm (${error.message})`);
  process.exit(1);
}
const h5wasm = loaded.default?.File ? loaded.default : loaded;
const { FS } = await h5wasm.ready;

function check(found, expected, what) {
  const plain = (value) => JSON.stringify(value, (_, v) => (typeof v === "bigint" ? v.toString() : v));
  if (plain(found) === plain(expected)) return;
  console.error(`h5wasm: ${what} is ${plain(found)}, not ${plain(expected)}`);
  process.exit(1);
}

FS.writeFile("golden.h5", readFileSync(golden));
const file = new h5wasm.File("golden.h5", "r");
check(file.attrs.status.value, "complete", "status");
check(Array.from(file.attrs.scenarios.value), ["usual_care", "substitution"], "scenarios");
const cost = file.get("results/usual_care/cost");
check(cost.shape, [3, 2, 3], "shape of cost");
check(Array.from(cost.value).slice(9, 12), [1100, 1101, 1102], "cost");
check(Number.isNaN(cost.value[0]), true, "cost of the first cell");
check(Array.from(cost.slice([[1, 2], [1, 2], []])), [1100, 1101, 1102], "slice of cost");
check(cost.attrs.currency.value, "EUR", "currency");
check(Array.from(file.get("results/usual_care/age_band").value), ["0 tot 20", "20-45", "≥ 45"], "labels");
check(Array.from(file.get("persons/usual_care/uid").value), ["0", "7", "9007199254740993"], "uid");
check(file.get("results/usual_care/people_at_start").value, 1234, "people_at_start");
file.close();
console.log("h5wasm reads the golden file");
