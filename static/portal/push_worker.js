// For a service worker: importScripts() this, and pushes are shown and lead to their page.

self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  event.waitUntil(
    self.registration.showNotification(said.title || "", {
      body: said.body || "",
      tag: said.tag,
      data: { url: said.url || self.registration.scope },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const url = new URL(event.notification.data.url, self.registration.scope).href;
      const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      const open = windows.find((each) => each.url === url);
      return open ? open.focus() : self.clients.openWindow(url);
    })(),
  );
});
