// SPDX-License-Identifier: Apache-2.0
// The job of `bsonmend fix --fill token=hex:32` as one would write it in Node, to measure against:
//   node tools/bench/fix.mjs IN.bson OUT.bson
// Fills each token that is null, finds duplicate tokens and _ids with a Set, and writes what it did
// not change as it came. Needs the official bson package, in the folder that BSON_MODULES names:
//   npm install --prefix build/bench/node bson@6
import { createReadStream, createWriteStream } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { resolve } from 'node:path';

const require = createRequire(resolve(process.env.BSON_MODULES ?? 'build/bench/node', 'package.json'));
const { deserialize, serialize } = require('bson');

const BATCH = 1 << 20;
const ids = new Set();
const tokens = new Set();
let duplicates = 0;

function note(seen, key) {
    if (seen.has(key)) {
        duplicates++;
    }
    seen.add(key);
}

function mended(bytes) {
    const document = deserialize(bytes);
    let out = bytes;
    if (document.token === null || document.token === undefined) {
        do {
            document.token = randomBytes(16).toString('hex');
        } while (tokens.has(document.token));
        out = serialize(document);
    }
    note(ids, document._id.toHexString());
    note(tokens, document.token);
    return out;
}

async function main(from, to) {
    const output = createWriteStream(to);
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(from, { highWaterMark: BATCH })) {
        const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const batch = [];
        let at = 0;
        while (data.length - at >= 4 && data.length - at >= data.readInt32LE(at)) {
            const end = at + data.readInt32LE(at);
            batch.push(mended(data.subarray(at, end)));
            at = end;
        }
        rest = data.subarray(at);
        if (!output.write(Buffer.concat(batch))) {
            await once(output, 'drain');
        }
    }
    output.end();
    await once(output, 'finish');
    if (rest.length !== 0 || duplicates !== 0) {
        console.error(`fix.mjs: ${duplicates} duplicates, ${rest.length} bytes left`);
        process.exitCode = 1;
    }
}

await main(...process.argv.slice(2));
