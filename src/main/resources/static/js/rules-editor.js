// Edits a decision table with dmn-js; the form sends the table as a whole.
(() => {
    'use strict';

    const editor = document.getElementById('rules-editor');
    const save = document.getElementById('draft-save');
    const form = document.getElementById('draft-form');
    if (!editor) {
        return;
    }

    // This release of dmn-js answers by callback only: (error, result).
    const promised = call => new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));

    async function load() {
        const response = await fetch(editor.dataset.source, { credentials: 'same-origin' });
        if (!response.ok) {
            throw new Error(`the server answered ${response.status}`);
        }
        const xml = await response.text();
        editor.textContent = '';
        // What is typed counts at once: whoever saves within its usual 300 ms would lose the last cell.
        const modeler = new window.DmnJS({ container: editor, common: { debounceInput: false } });
        await promised(done => modeler.importXML(xml, { open: false }, done));
        const table = modeler.getViews().find(view => view.type === 'decisionTable');
        await promised(done => modeler.open(table, done));
        save.disabled = false;
        return modeler;
    }

    const ready = load();
    ready.catch(() => {
        editor.textContent = 'The table cannot be shown.';
        editor.classList.add('p-3', 'text-danger');
    });

    form.addEventListener('submit', async event => {
        event.preventDefault();
        const modeler = await ready;
        if (document.activeElement) {
            document.activeElement.blur();
        }
        document.getElementById('draft-xml').value = await promised(done => modeler.saveXML({ format: true }, done));
        form.submit();
    });
})();
