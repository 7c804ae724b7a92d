// Installs the workspace through npx pnpm, and does nothing when it is installed already.

import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const top = join(dirname(fileURLToPath(import.meta.url)), "../..");
const oldest = [20, 19];

function refuse(message) {
  console.error(`pagelapse: ${message}`);
  process.exit(2);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  refuse(`needs Node ${oldest.join(".")} or newer, and this is ${process.version}`);
}

/** Every file that decides what is installed. */
function manifests() {
  const folders = ["packages", "tools"].flatMap((parent) => readdirSync(join(top, parent)).map((name) => join(parent, name)));
  return ["", "test", ...folders].map((folder) => join(folder, "package.json")).filter((path) => existsSync(join(top, path)));
}

const hash = createHash("sha256");
for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()]) {
  hash.update(path).update(readFileSync(join(top, path)));
}
const stamp = hash.digest("hex");
const stampPath = join(top, "node_modules/.setup-stamp");
if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp) process.exit(0);

const { packageManager } = JSON.parse(readFileSync(join(top, "package.json"), "utf8"));
const npm = process.env.npm_execpath;
if (npm === undefined) refuse("run this through npm: npm run setup");
console.error("Installing the workspace (once; about 15 seconds on a fresh machine)");
const install = [
  npm,
  "exec",
  "--yes",
  "--",
  packageManager,
  "install",
  "--frozen-lockfile",
  "--prefer-offline",
  "--reporter=append-only",
];
const done = spawnSync(process.execPath, install, {
  cwd: top,
  stdio: ["ignore", "pipe", "pipe"],
  encoding: "utf8",
  maxBuffer: 1 << 26,
  env: { ...process.env, CI: "true" },
});
if (done.status !== 0) {
  console.error(`${done.stdout}\n${done.stderr}`);
  refuse("the installation failed; what it said stands above");
}
writeFileSync(stampPath, stamp);
