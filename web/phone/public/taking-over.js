/*
 * Versions of the application share one cache, and one that takes over throws away what it does not know. While a
 * still newer one is on its way, that would be what was fetched for it, and the phone would not start without a
 * network. So nothing is thrown away then: the newer one does that when its turn comes.
 *
 * Runs in the service worker, before the listeners of Workbox.
 */
self.addEventListener('activate', (event) => {
	const { installing, waiting } = self.registration;
	if (installing === null && waiting === null) return;
	event.stopImmediatePropagation();
	event.waitUntil(self.clients.claim());
});
