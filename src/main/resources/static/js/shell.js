// The menu on narrow screens, the CSRF header of htmx requests, rows that open on click, confirmations.
(() => {
    const toggle = document.getElementById('rf-nav-toggle');
    const nav = document.getElementById('rf-nav');
    if (toggle && nav) {
        toggle.addEventListener('click', () => {
            const open = nav.classList.toggle('rf-open');
            toggle.setAttribute('aria-expanded', String(open));
        });
    }

    const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
    document.body.addEventListener('htmx:configRequest', (event) => {
        const header = meta('csrf-header');
        if (header) {
            event.detail.headers[header] = meta('csrf-token');
        }
    });

    document.addEventListener('click', (event) => {
        const row = event.target.closest('tr[data-href]');
        if (row && !event.target.closest('a, button, input, label, select') && !String(window.getSelection())) {
            window.location.assign(row.dataset.href);
        }
    });

    document.addEventListener('submit', (event) => {
        const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
        if (question && !window.confirm(question)) {
            event.preventDefault();
            return;
        }
        // A second click must not send the form twice.
        if (event.target.method === 'post' && !event.target.hasAttribute('hx-post')) {
            window.setTimeout(() => event.target.querySelectorAll('button[type="submit"]').forEach((b) => { b.disabled = true; }), 0);
        }
    });
    window.addEventListener('pageshow', () => document.querySelectorAll('button[type="submit"]:disabled:not([data-disabled])')
        .forEach((button) => { button.disabled = false; }));
})();
