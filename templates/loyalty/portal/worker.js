{% load static %}/* Keeps the card as it looked last, so that it opens without a connection. */
importScripts("{% static "portal/push_worker.js" %}");

const STORE = "card-{{ version }}";
const SHELL = [{% for address in shell %}"{{ address|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const CARD = /^\/c\/[A-Za-z0-9_-]{20,40}\/$/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("card-") && name !== STORE);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

async function fresh(request, kept) {
  try {
    const answer = await fetch(request);
    const store = await caches.open(STORE);
    if (answer.ok) await store.put(kept, answer.clone());
    if (answer.status === 404 || answer.status === 410) await store.delete(kept);
    return answer;
  } catch (error) {
    const found = await caches.match(kept);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (CARD.test(address.pathname)) {
    event.respondWith(fresh(request, address.pathname));
  } else if (["style", "script", "font", "image"].includes(request.destination)) {
    event.respondWith(fresh(request, request));
  }
});
