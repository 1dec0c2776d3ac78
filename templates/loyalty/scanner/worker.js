// Keeps the scanner's own files, so that it starts without a network. It never touches the API.
const { version, files, home } = JSON.parse('{{ told_json|escapejs }}');
const CACHE = `scanner-${version}`;
const PATIENCE = 3000; // ms for a page before the kept one is shown

self.addEventListener("install", (event) => {
    event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
    event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) return;
    if (request.mode === "navigate") event.respondWith(page(request));
    else if (files.includes(url.pathname)) event.respondWith(file(request));
});

async function keep() {
    const cache = await caches.open(CACHE);
    await cache.addAll([home, ...files].map((url) => new Request(url, { cache: "reload" })));
}

async function forgetOlder() {
    const names = await caches.keys();
    const older = names.filter((name) => name.startsWith("scanner-") && name !== CACHE);
    await Promise.all(older.map((name) => caches.delete(name)));
}

async function page(request) {
    const cache = await caches.open(CACHE);
    try {
        const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
        if (answer.ok) await cache.put(home, answer.clone());
        return answer;
    } catch {
        return (await cache.match(home)) ?? Response.error();
    }
}

async function file(request) {
    const cache = await caches.open(CACHE);
    return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
