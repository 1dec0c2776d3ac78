// Lets a customer turn pushes on and off on the page of their card. The button stays hidden where
// the browser cannot show pushes, or where there is no service worker to show them.

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function tell(box, method, body) {
  const answer = await fetch(box.dataset.address, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: box.dataset.token, ...body }),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

async function turnOn(box, worker) {
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(box.dataset.key),
  });
  await tell(box, "POST", { subscription: subscription.toJSON() });
}

async function turnOff(box, subscription) {
  await tell(box, "DELETE", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

async function begin(box) {
  const button = box.querySelector("button");
  const problem = box.querySelector("[role=alert]");
  const worker = await navigator.serviceWorker.ready;
  const show = (isOn) => {
    button.setAttribute("aria-pressed", String(isOn));
    button.textContent = isOn ? box.dataset.off : box.dataset.on;
  };
  show(Boolean(await worker.pushManager.getSubscription()));
  box.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    problem.hidden = true;
    try {
      const before = await worker.pushManager.getSubscription();
      await (before ? turnOff(box, before) : turnOn(box, worker));
      show(!before);
    } catch {
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}

if ("serviceWorker" in navigator && "PushManager" in window) {
  for (const box of document.querySelectorAll("[data-push]")) begin(box);
}
