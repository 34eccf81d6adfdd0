// Do others answer as the engine does? Random unary tests are put to feelin, random
// first-hit tables to zen-engine, and both to the engine (feel_answers.c).
//
//   node equal.mjs feelin|zen MODULES FEEL_ANSWERS COUNT [SEED]
//
// Each answer that differs must be of a class of differences.tsv, which names the clause
// of the standard that decides it; every other one is shown, and the exit status is 1.
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [peer, modules, driver, countText, seedText] = process.argv.slice(2);
const count = Number(countText);
const here = dirname(fileURLToPath(import.meta.url));
const SHOWN = 40;

// ---- random things: splitmix64, so that a seed gives the same cases for ever ----

let state = BigInt(seedText ?? 1);
const MASK = (1n << 64n) - 1n;
function below(n) {
    state = (state + 0x9E3779B97F4A7C15n) & MASK;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xBF58476D1CE4E5B9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94D049BB133111EBn) & MASK;
    return Number((z ^ (z >> 31n)) % BigInt(n));
}
const pick = (list) => list[below(list.length)];
const chance = (percent) => below(100) < percent;
const pad = (n) => String(n).padStart(2, '0');

// A literal, and what orders it among those of its kind.
const WORDS = ['', 'a', 'b', 'ab', 'abc', 'B', '罚款', '警告', '食品', 'a b', 'é', '😀'];
const day = () => `${2023 + below(3)}-${pad(1 + below(12))}-${pad(1 + below(28))}`;
const minus = () => chance(20);
function made(kind) {
    const negative = minus(), [x, y] = [below(5), below(24)];
    const text = kind === 'number' ? pick([String(below(21) - 10), `${below(21) - 10}.${below(10)}`, `${below(5)}.${below(100)}`, String(below(1000000)), '0'])
        : kind === 'string' ? pick(WORDS)
        : kind === 'boolean' ? pick(['true', 'false'])
        : kind === 'date' ? day()
        : kind === 'time' ? `${pad(below(24))}:${pad(below(60))}:${pad(below(60))}`
        : kind === 'date and time' ? `${day()}T${pad(below(24))}:${pad(below(60))}:00`
        : kind === 'days' ? `${negative ? '-' : ''}P${x}DT${y}H` : `${negative ? '-' : ''}P${x % 3}Y${y % 12}M`;
    if (kind === 'number') { return { text, key: Number(text) }; }
    if (kind === 'boolean') { return { text, key: text }; }
    if (kind === 'string') { return { text: `"${text}"`, key: text }; }
    const key = kind === 'days' ? (negative ? -1 : 1) * (x * 24 + y) : kind === 'months' ? (negative ? -1 : 1) * (x % 3 * 12 + y % 12) : text;
    return { text: kind === 'date' && chance(50) ? `date("${text}")` : `@"${text}"`, key };
}
const KINDS = ['number', 'string', 'boolean', 'date', 'time', 'date and time', 'days', 'months'];
const literal = (kind) => made(kind).text;

// ---- unary tests; what is peculiar about a case is noted ----

let peculiar;

function ends(kind) {
    const [low, high] = [made(kind), made(kind)];
    if (low.key <= high.key) { return [low.text, high.text]; }
    if (chance(95)) { return [high.text, low.text]; }
    peculiar.add('descending');
    return [low.text, high.text];
}

function range(kind) {
    const [low, high] = ends(kind);
    return `${pick(['[', '(', ']'])}${low}..${high}${pick([']', ')', '['])}`;
}

const between = (kind) => ends(kind).join(' and ');

// Conditions on the value, which is named by a question mark.
const conditions = {
    number: () => pick([`? ${pick(['+', '-', '*'])} ${literal('number')} ${pick(['>', '<', '>=', '<='])} ${literal('number')}`,
        `modulo(?, ${1 + below(5)}) = ${below(5)}`, `floor(?) = ${below(5)}`, `abs(?) > ${below(5)}`, `? between ${between('number')}`,
        'odd(?)', 'even(?)', `ceiling(?) <= ${literal('number')}`, `decimal(?, 0) = ${below(5)}`, `? ** 2 > ${below(50)}`, `-? < ${literal('number')}`]),
    string: () => pick([`string length(?) ${pick(['>', '=', '<'])} ${below(4)}`, `contains(?, ${literal('string')})`, `starts with(?, ${literal('string')})`,
        `ends with(?, ${literal('string')})`, `upper case(?) = "AB"`, `substring(?, 1, 1) = ${literal('string')}`, `matches(?, "^a.*")`, `? + "a" = ${literal('string')}`]),
    boolean: () => pick(['not(?)', '? or false', '? and true', '? = true']),
    date: () => pick([`?.year ${pick(['=', '>', '<'])} ${2023 + below(3)}`, `?.month = ${1 + below(12)}`, `? + @"P1M" > ${literal('date')}`,
        `? - @"P${below(40)}D" <= ${literal('date')}`, `?.day > ${below(28)}`, `day of year(?) > ${below(366)}`, `? - ${literal('date')} > @"P30D"`]),
    time: () => pick([`?.hour > ${below(24)}`, `?.minute = ${below(60)}`, `? + @"PT1H" > ${literal('time')}`]),
    'date and time': () => pick([`?.year = ${2023 + below(3)}`, `? + @"P1D" > ${literal('date and time')}`, `?.hour < ${below(24)}`]),
    days: () => pick([`?.days > ${below(4)}`, `? + @"P1D" > ${literal('days')}`, `? * 2 > ${literal('days')}`]),
    months: () => pick([`?.years = ${below(3)}`, `?.months > ${below(12)}`, `? + @"P1Y" > ${literal('months')}`]),
};

function single(kind) {
    const orders = kind === 'boolean' ? ['= ', '!= '] : ['< ', '<= ', '> ', '>= ', '= ', '!= '];
    const n = below(100);
    if (n < 25) { return literal(kind); }
    if (n < 50) { return pick(orders) + literal(kind); }
    if (n < 68 && kind !== 'boolean') { return range(kind); }
    if (n < 72) { return 'null'; }
    if (n < 76) { return `[${literal(kind)}, ${literal(kind)}]`; }
    if (n < 90) { return conditions[kind](); }
    if (n < 93) { return `? in (${literal(kind)}, ${pick(orders)}${literal(kind)})`; }
    if (n < 96) { return `${conditions[kind]()} ${pick(['and', 'or'])} ${conditions[kind]()}`; }
    if (n < 98) { return `if ? = null then ${pick(['true', 'false'])} else ${conditions[kind]()}`; }
    const other = pick(KINDS);
    if (other !== kind) { peculiar.add('mixed'); }
    return literal(other);
}

function unaryTests(kind) {
    const n = below(100);
    if (n < 2) { return '-'; }
    const parts = [single(kind)];
    while (chance(20)) { parts.push(single(kind)); }
    return n < 18 ? `not(${parts.join(', ')})` : parts.join(', ');
}

function unaryCase() {
    peculiar = new Set();
    const kind = pick(KINDS);
    const n = below(100);
    const other = n >= 6 && n < 9 ? pick(KINDS) : kind;
    if (other !== kind) { peculiar.add('mixed'); }
    if (n < 6) { peculiar.add('null'); }
    const rows = [[unaryTests(kind)]];
    return { rows, values: [n < 6 ? 'null' : literal(other)], peculiar: [...peculiar].sort().join(' ') };
}

// ---- first-hit tables, of what zen-engine's cells can say ----

const TABLE_KINDS = ['number', 'string', 'boolean'];
const ROWS = 12, COLUMNS = 4, ASKED = 50;
const plainString = () => `"${pick(WORDS)}"`;
const plainNumber = () => pick([String(below(20)), `${below(20)}.5`]);

function tableCell(kind) {
    const n = below(100);
    if (n < 35) { return '-'; }
    if (kind === 'boolean') { return literal('boolean'); }
    if (kind === 'string') {
        return n < 65 ? plainString() : n < 90 ? `${plainString()}, ${plainString()}` : `not(${plainString()}, ${plainString()})`;
    }
    if (n < 50) { return plainNumber(); }
    if (n < 70) { return `${pick(['<', '<=', '>', '>='])} ${plainNumber()}`; }
    if (n < 85) {
        const low = below(15);
        return `${pick(['[', '('])}${low}..${low + 1 + below(8)}${pick([']', ')'])}`;
    }
    return n < 93 ? `${plainNumber()}, ${plainNumber()}` : `${plainNumber()}, > ${plainNumber()}`;
}

function tableValue(kind) {
    if (chance(5)) { return 'null'; }
    return kind === 'boolean' ? literal('boolean') : kind === 'string' ? plainString() : plainNumber();
}

function makeTable() {
    const kinds = Array.from({ length: COLUMNS }, () => pick(TABLE_KINDS));
    return { kinds, rows: Array.from({ length: ROWS }, () => kinds.map(tableCell)) };
}

function makeCases() {
    const cases = [];
    let table;
    for (let i = 0; i < count; i++) {
        if (peer === 'feelin') { cases.push(unaryCase()); continue; }
        if (i % ASKED === 0) { table = makeTable(); }
        cases.push({ table, rows: table.rows, values: table.kinds.map(tableValue) });
    }
    return cases;
}

// ---- the answers ----

function askEngine(cases) {
    const lines = [];
    let rows;
    for (const { rows: asked, values } of cases) {
        if (asked !== rows) { asked.forEach((cells, i) => lines.push(['T', ...cells, i + 1].join('\t'))); }
        rows = asked;
        lines.push(['F', ...values].join('\t'));
    }
    const { status, stdout, stderr } = spawnSync(driver, { input: `${lines.join('\n')}\n`, maxBuffer: 1 << 28 });
    if (status !== 0) { throw new Error(String(stderr)); }
    return stdout.toString().trimEnd().split('\n');
}

async function askFeelin(cases) {
    const { unaryTest, evaluate } = await import(pathToFileURL(join(modules, 'node_modules/feelin/dist/index.js')).href);
    return cases.map(({ rows: [[tests]], values: [value] }) => {
        try { return unaryTest(tests, { '?': evaluate(value).value }).value === true ? '1' : 'null'; } catch (error) { return `!${error.message.split('\n')[0]}`; }
    });
}

// A cell in zen-engine's language, which writes "none of these" in its own way.
function zenCell(cell) {
    if (cell === '-') { return ''; }
    const none = /^not\((.*)\)$/u.exec(cell);
    return none === null ? cell : `not in [${none[1]}]`;
}

function zenDecision(engine, { kinds, rows }) {
    const names = kinds.map((_, i) => 'abcd'[i]);
    const rules = rows.map((cells, n) => Object.fromEntries([['_id', `r${n}`], ['out', String(n + 1)],
        ...names.map((name, i) => [name, zenCell(cells[i])])]));
    const nodes = [
        { id: 'in', type: 'inputNode', name: 'in', position: { x: 0, y: 0 } },
        { id: 'table', type: 'decisionTableNode', name: 'table', position: { x: 1, y: 0 }, content: {
            hitPolicy: 'first', rules, inputs: names.map((name) => ({ id: name, name, field: name })),
            outputs: [{ id: 'out', name: 'out', field: 'out' }] } },
        { id: 'out', type: 'outputNode', name: 'out', position: { x: 2, y: 0 } }];
    const edges = [{ id: 'x', sourceId: 'in', targetId: 'table', type: 'edge' }, { id: 'y', sourceId: 'table', targetId: 'out', type: 'edge' }];
    return engine.createDecision(Buffer.from(JSON.stringify({ contentType: 'application/vnd.gorules.decision', nodes, edges })));
}

async function askZen(cases) {
    const { ZenEngine } = createRequire(`${modules}/node_modules/`)('@gorules/zen-engine');
    const engine = new ZenEngine();
    const answers = [];
    let table, decision;
    for (const { table: asked, values } of cases) {
        if (asked !== table) { decision = zenDecision(engine, asked); }
        table = asked;
        const facts = Object.fromEntries(values.map((value, i) => ['abcd'[i], JSON.parse(value)]));
        try { answers.push(String((await decision.evaluate(facts)).result?.out ?? 'null')); } catch (error) { answers.push(`!${String(error.message ?? error).split('\n')[0]}`); }
    }
    return answers;
}

// ---- comparing ----

// class, peer, what is peculiar about the case (. is nothing), regular expressions for the
// cells and the values, the two answers (* is any, ! a refusal), the clause, and why.
const classes = readFileSync(join(here, 'differences.tsv'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([name, of, about, test, value, ours, theirs, clause]) => ({ name, of, about: new RegExp(about === '.' ? '^$' : about, 'u'), test: new RegExp(test, 'u'), value: new RegExp(value, 'u'), ours, theirs, clause, seen: 0 }))
    .filter(({ of }) => of === peer);

// For a table: the first of the two rows that differ is what they differ about.
function about({ rows, values }, ours, theirs) {
    if (peer === 'feelin') { return { cells: rows[0][0], values: values[0] }; }
    const hits = [ours, theirs].map(Number).filter((n) => n > 0);
    return { cells: rows[Math.min(...hits) - 1].join('\t'), values: values.join('\t') };
}

const cases = makeCases();
const ours = askEngine(cases);
const theirs = peer === 'feelin' ? await askFeelin(cases) : await askZen(cases);
if (ours.length !== cases.length) { throw new Error(`${ours.length} answers for ${cases.length} cases`); }
let differences = 0, unknown = 0;
const matches = (wanted, answer) => wanted === '*' || (wanted === '!' ? answer.startsWith('!') : wanted === answer);
cases.forEach((one, i) => {
    if (ours[i] === theirs[i]) { return; }
    differences++;
    const { cells, values } = about(one, ours[i], theirs[i]);
    const known = classes.find((c) => c.about.test(one.peculiar ?? '') && c.test.test(cells) && c.value.test(values) && matches(c.ours, ours[i]) && matches(c.theirs, theirs[i]));
    if (known !== undefined) { known.seen++; return; }
    if (unknown++ < SHOWN) { console.log(`differs\t${one.peculiar ?? ''}\t${cells}\t${values}\tours ${ours[i]}\ttheirs ${theirs[i]}`); }
});
for (const c of classes) { console.log(`class\t${c.name}\t${c.seen}\t${c.clause}`); }
console.log(`${peer} ${cases.length} compared, ${ours.filter((a) => a === '1' || Number(a) > 0).length} hits, ${differences} differ, ${differences - unknown} of known classes, ${unknown} not`);
const WHOLE = 100000; // cases, of which every class has some
const stale = count >= WHOLE && classes.some((c) => c.seen === 0);
process.exit(unknown === 0 && !stale ? 0 : 1);
