// A decision table in the rule engines of Node.js: see rules_bench.c.
//
// node rules.mjs zen|json-rules-engine MODULES TABLE FACTS ANSWERS SECONDS
//
// zen-engine takes the FEEL-like cells as they stand. It is asked one by one and with
// 256 decisions on their way, and the better of the two counts. json-rules-engine has a rule per row,
// an earlier one with a higher priority, and stops at the first that holds.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [way, modules, tableFile, factsFile, answersFile, seconds] = process.argv.slice(2);
const require = createRequire(`${modules}/node_modules/`);

const lines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
const value = (text) => (text === 'true' ? true : text === 'false' ? false : /^-?\d+$/.test(text) ? Number(text) : text);

const [header, ...rows] = lines(tableFile);
const inputs = header.slice(0, -1);
const [, ...factLines] = lines(factsFile);
const facts = factLines.map((cells) => Object.fromEntries(inputs.map((name, i) => [name, value(cells[i])])));

// ---- zen-engine: a graph of an input, the table, an output ----

function zen() {
    const { ZenEngine } = require('@gorules/zen-engine');
    const rules = rows.map((cells, n) => Object.fromEntries([['_id', `r${n}`], ['out', cells.at(-1)],
        ...inputs.map((name, i) => [name, cells[i] === '-' ? '' : cells[i]])]));
    const nodes = [
        { id: 'in', type: 'inputNode', name: 'in', position: { x: 0, y: 0 } },
        { id: 'table', type: 'decisionTableNode', name: 'table', position: { x: 1, y: 0 }, content: {
            hitPolicy: 'first', rules, inputs: inputs.map((name) => ({ id: name, name, field: name })),
            outputs: [{ id: 'out', name: 'out', field: 'out' }] } },
        { id: 'out', type: 'outputNode', name: 'out', position: { x: 2, y: 0 } }];
    const edges = [{ id: 'a', sourceId: 'in', targetId: 'table', type: 'edge' },
        { id: 'b', sourceId: 'table', targetId: 'out', type: 'edge' }];
    const decision = new ZenEngine().createDecision(
        Buffer.from(JSON.stringify({ contentType: 'application/vnd.gorules.decision', nodes, edges })));
    return async (fact) => (await decision.evaluate(fact)).result.out;
}

// ---- json-rules-engine: a rule per row ----

const operators = { '>=': 'greaterThanInclusive', '<=': 'lessThanInclusive', '<': 'lessThan', '>': 'greaterThan' };

function condition(fact, test) {
    const compared = /^(>=|<=|<|>) (\d+)$/.exec(test);
    if (compared) { return { fact, operator: operators[compared[1]], value: Number(compared[2]) }; }
    if (test.includes(',')) { return { fact, operator: 'in', value: JSON.parse(`[${test}]`) }; }
    return { fact, operator: 'equal', value: JSON.parse(test) };
}

function jsonRules() {
    const { Engine } = require('json-rules-engine');
    const engine = new Engine([]);
    rows.forEach((cells, n) => {
        const all = inputs.map((name, i) => [name, cells[i]]).filter(([, test]) => test !== '-');
        // A row that tests nothing is a rule whose condition always holds.
        const conditions = all.length === 0 ? [{ fact: inputs[0], operator: 'notEqual', value: 'never' }]
            : all.map(([name, test]) => condition(name, test));
        engine.addRule({ conditions: { all: conditions }, priority: rows.length - n,
            event: { type: 'hit', params: { out: Number(cells.at(-1)) } }, onSuccess: () => engine.stop() });
    });
    return async (fact) => (await engine.run(fact)).events[0].params.out;
}

// ---- answers, then time ----

async function rate(decide, together) {
    let made = 0, taken = 0;
    const started = performance.now();
    while (taken < seconds * 1000) {
        const batch = [];
        for (let i = 0; i < 256; i++, made++) {
            const answer = decide(facts[made % facts.length]);
            if (together) { batch.push(answer); } else { await answer; }
        }
        await Promise.all(batch);
        taken = performance.now() - started;
    }
    return { made, taken: taken / 1000 };
}

const decide = way === 'zen' ? zen() : jsonRules();
const answers = [];
for (const fact of facts) { answers.push(await decide(fact)); }
writeFileSync(answersFile, `${answers.join('\n')}\n`);
let best = await rate(decide, false);
if (way === 'zen') {
    const together = await rate(decide, true);
    if (together.made / together.taken > best.made / best.taken) { best = together; }
}
console.log(`${way} ${best.made} ${best.taken.toFixed(6)}`);
process.exit(0);
