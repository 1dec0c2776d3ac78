// Every operation goes this way: written down first, then sent, under the same key until answered.
import * as api from "./api.js";
import * as device from "./device.js";
import * as store from "./store.js";
import { say } from "./told.js";

const EVERY = 15000; // ms between tries while something waits

const listeners = new Set();
let sending = null;
let again = false;

/** `listener(waiting, refused)` now and whenever these change. */
export function watch(listener) {
    listeners.add(listener);
    tell();
    return () => listeners.delete(listener);
}

async function tell() {
    const all = await store.operations();
    const of = (state) => all.filter((each) => each.state === state).length;
    listeners.forEach((listener) => listener(of("waiting"), of("refused")));
}

/**
 * Writes an operation down and tries to send it; gives it back as it is then: `done` with its
 * answer, `refused` with a sentence, or `waiting`.
 *
 * `what` has `act` (accrue, redeem, capture, reverse), `body`, `program` (slug), `label`, and
 * `serial`, or the `code` of a card that could not be looked up; `operation` (its id) for a
 * reverse, `claim` for a capture.
 */
export async function run(what) {
    const operation = { key: api.newKey(), at: Date.now(), state: "waiting", mayHaveArrived: false, ...what };
    await store.keep(operation);
    await flush();
    return store.operation(operation.key);
}

/** Sends what waits, oldest first, until somebody does not answer. Only one tab does it at a time. */
function flush() {
    again = true;
    sending ??= alone(async () => {
        while (again) {
            again = false;
            await sendAll();
        }
    }).finally(() => {
        sending = null;
        tell();
        return again ? flush() : undefined; // somebody asked as it ended
    });
    return sending;
}

async function alone(work) {
    if (!navigator.locks) return work();
    return navigator.locks.request("regulars-scanner-queue", work);
}

async function sendAll() {
    for (const operation of await store.operations()) {
        if (operation.state !== "waiting") continue;
        const after = await send(operation);
        await store.keep(after);
        if (after.state === "waiting") return;
    }
}

async function send(before) {
    const operation = { ...before, sentAs: device.token()?.slice(0, 12) ?? null };
    // Keys belong to a token: under another one the same wish would count a second time.
    if (before.mayHaveArrived && before.sentAs !== operation.sentAs) {
        return operation.sentAs ? { ...before, state: "refused", refusal: "unknown", message: say("may_be_done") } : before;
    }
    try {
        const serial = operation.serial ?? (await find(operation));
        const answer = await api.call("POST", path(operation, serial), { body: operation.body, key: operation.key });
        await store.refresh(answer.card);
        return { ...operation, serial, state: "done", answer, doneAt: Date.now() };
    } catch (failure) {
        return after(operation, failure);
    }
}

function path(operation, serial) {
    if (operation.act === "reverse") return `operations/${operation.operation}/reverse/`;
    if (operation.act === "capture") return `claims/${operation.claim}/capture/`;
    return `cards/${serial}/${operation.act}/`;
}

/** Which card it was, of a scan without a network. */
async function find(operation) {
    const { card } = await api.scan(operation.code, `${operation.key}-scan`);
    await store.remember(operation.code, card);
    if (operation.program && card.program.slug !== operation.program) {
        throw new api.Refused(409, { code: "other_card", message: say("other_card", { name: card.program.name }) });
    }
    return card.serial;
}

function after(operation, failure) {
    if (failure instanceof api.Unreached) {
        const mayHaveArrived = operation.mayHaveArrived || failure.mayHaveArrived;
        return { ...operation, mayHaveArrived };
    }
    if (!(failure instanceof api.Refused)) throw failure;
    // A key that was taken back does not make the work undone: it waits for the next pairing.
    if (failure.isForLater || failure.isUnpaired) return { ...operation, isUnpaired: failure.isUnpaired };
    return { ...operation, state: "refused", refusal: failure.code, message: sentence(failure, operation) };
}

function sentence(failure, operation) {
    if (failure.code === "not_found") return say(operation.act === "reverse" ? "gone" : "unknown_card");
    return failure.sentence;
}

/** Takes back what certainly was not sent; says whether it could. */
export async function takeBack(key) {
    await sending;
    const isBack = await alone(async () => {
        const operation = await store.operation(key);
        if (operation?.state !== "waiting" || operation.mayHaveArrived) return false;
        await store.drop(key);
        return true;
    });
    await tell();
    return isBack;
}

/** Somebody has read why it was refused. */
export async function dismiss(key) {
    await store.drop(key);
    await tell();
}

export function start() {
    window.addEventListener("online", flush);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
    setInterval(async () => {
        if ((await store.operations()).some((each) => each.state === "waiting")) flush();
    }, EVERY);
    flush();
}
