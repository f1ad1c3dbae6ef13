// Runs HeadAudio (npm @met4citizen/headaudio) as a browser would, only faster.
//
//   node headaudio.mjs PACKAGE_FOLDER MODEL.bin RATE FPS < mono.f32 > values.json
//
// Reads raw float32 samples; writes its fifteen viseme values at every frame: {"names": [...], "frames": [[...], ...]}.
// Its worklet and its node run unchanged; the few classes of Web Audio that they stand on are below.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, model, rate, fps] = process.argv.slice(2);
const BLOCK = 128; // samples, as in Web Audio
const UPDATES = 60; // a second: a browser's animation loop

class Port {
  postMessage(data) {
    this.other.onmessage?.({ data });
  }
}
const [inside, outside] = [new Port(), new Port()];
[inside.other, outside.other] = [outside, inside];

let Worklet;
globalThis.sampleRate = Number(rate);
globalThis.AudioWorkletProcessor = class { port = inside; };
globalThis.AudioWorkletNode = class { port = outside; };
globalThis.registerProcessor = (_name, made) => { Worklet = made; };
globalThis.fetch = async (path) => new Response(readFileSync(path));
const load = (name) => import(pathToFileURL(`${folder}/modules/${name}.mjs`));

await load("headworklet");
const { HeadAudio } = await load("headaudio");
const options = { processorOptions: { visemeEventsEnabled: true } };
const worklet = new Worklet(options);
const node = new HeadAudio(null, options);
await node.loadModel(model);
// Version 0.1.0 takes viseme 0, its widest vowel, for none; without this it would never open wide.
node.onviseme = ({ viseme }) => { if (viseme === 0) node.visemeActive = 0; };

const parameters = Object.fromEntries(
  Worklet.parameterDescriptors.map(({ name, defaultValue }) => [name, [defaultValue]]),
);
const now = Object.fromEntries(node.visemeNames.map((name) => [name, 0]));
node.onvalue = (name, value) => { now[name] = value; };

const bytes = readFileSync(0);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
const frames = [];
let updated = 0;
for (let start = 0; start + BLOCK <= samples.length; start += BLOCK) {
  worklet.process([[samples.subarray(start, start + BLOCK)]], [], parameters);
  const time = (start + BLOCK) / rate;
  for (; updated + 1 / UPDATES <= time; updated += 1 / UPDATES) {
    node.update(1000 / UPDATES);
  }
  while (frames.length / fps <= time) {
    frames.push(Object.values(now));
  }
}
process.stdout.write(JSON.stringify({ names: node.visemeNames, frames }));
