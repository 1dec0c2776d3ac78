// What the device keeps in IndexedDB: operations (waiting, done, refused) and cards it has seen.
const NAME = "regulars-scanner";
const MOST_CARDS = 300;
const KEEP_DONE = 24 * 60 * 60 * 1000; // ms

let opened = null;

function open() {
    opened ??= new Promise((resolve, reject) => {
        const request = indexedDB.open(NAME, 1);
        request.onupgradeneeded = () => {
            const operations = request.result.createObjectStore("operations", { keyPath: "key" });
            operations.createIndex("at", "at");
            const cards = request.result.createObjectStore("cards", { keyPath: "code" });
            cards.createIndex("seen", "seen");
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    return opened;
}

function done(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

async function table(name, mode = "readonly") {
    return (await open()).transaction(name, mode).objectStore(name);
}

/** Written through before it is answered: an operation that was asked for is never only in memory. */
export async function keep(operation) {
    const transaction = (await open()).transaction("operations", "readwrite", { durability: "strict" });
    transaction.objectStore("operations").put(operation);
    await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
}

export const operation = async (key) => done((await table("operations")).get(key));

/** Oldest first. */
export const operations = async () => done((await table("operations")).index("at").getAll());

export const drop = async (key) => done((await table("operations", "readwrite")).delete(key));

/** What is done is of no use after a day; what waits or was refused stays until somebody saw it. */
export async function dropOld(now) {
    for (const each of await operations()) {
        if (each.state === "done" && each.at < now - KEEP_DONE) await drop(each.key);
    }
}

/** Remembers a card under the code it was found by. Its customer is masked already. */
export async function remember(code, card) {
    const cards = await table("cards", "readwrite");
    await done(cards.put({ code, serial: card.serial, card, seen: Date.now() }));
    const keys = await done(cards.index("seen").getAllKeys());
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_CARDS))) {
        await done((await table("cards", "readwrite")).delete(old));
    }
}

/** The same card as it is now, under every code it was found by. */
export async function refresh(card) {
    const cards = await table("cards", "readwrite");
    for (const row of await done(cards.getAll())) {
        if (row.serial === card.serial) await done(cards.put({ ...row, card, seen: Date.now() }));
    }
}

export const recall = async (code) => (await done((await table("cards")).get(code))) ?? null;

export async function wipe() {
    const database = await open();
    const transaction = database.transaction(["operations", "cards"], "readwrite");
    transaction.objectStore("operations").clear();
    transaction.objectStore("cards").clear();
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
}
